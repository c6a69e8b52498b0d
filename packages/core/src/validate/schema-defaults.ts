/** Defaults that a JSON Schema gives: what stands for a property that is not there. */
import type { Json, JsonObject } from '@coppice/extension';
import { isJsonObject } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';

/** The value with the defaults of the properties that it lacks; also those of the objects in it. What needs none is shared, not copied. */
export function fillDefaults(schema: JsonObject, value: Json): Json {
  const { properties } = schema;
  if (!isJsonObject(properties) || !isJsonObject(value)) return value;
  let filled: Record<string, Json> | undefined;
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const full = given === undefined ? property['default'] : fillDefaults(property, given);
    if (full === undefined || full === given) continue;
    filled ??= { ...value };
    setOwn(filled, name, full);
  }
  return filled ?? value;
}

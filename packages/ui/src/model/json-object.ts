/** Objects among the JSON values of a form and of its answers. */
import type { Json, JsonObject } from '@coppice/protocol';

/** A list and null are none. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

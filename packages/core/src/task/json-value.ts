/** What is asked of JSON values in more than one place. */
import type { Json, JsonObject } from '@coppice/extension';

/** True for an object; a list and null are none. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text as it stands, any other value as JSON. */
export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

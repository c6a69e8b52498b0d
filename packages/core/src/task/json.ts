/** Any value that survives a JSON round trip unchanged. All inputs, outputs and event data are of this type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Sets a property of the object itself, whatever its key: a plain assignment of `__proto__` would be lost. */
export function setOwn(into: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else into[key] = value;
}

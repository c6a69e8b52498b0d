/** Any value that survives a JSON round trip unchanged. All inputs, outputs and event data are of this type. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

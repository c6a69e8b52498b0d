/** Plain data, as files hold it. */

/** Anything a file holds; plain data. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a map of fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

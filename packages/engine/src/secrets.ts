/** Secrets: expressions see placeholders, executors get values, everything that is stored or logged gets placeholders again (R-SE-04). */
import { secretPlaceholder, type JsonObject } from '@coppice/core';

/** Values shorter than this are too common in ordinary text to be searched for. */
const SECRET_LENGTH_MIN = 4;

export interface Secrets {
  /** What expressions see: placeholder by name. */
  readonly placeholders: JsonObject;
  /** Puts values in the place of placeholders; undefined: there are no secrets. */
  readonly reveal: ((text: string) => string) | undefined;
  /** Puts placeholders in the place of values. */
  readonly redact: ((text: string) => string) | undefined;
}

/** Secrets by name. Throws a RangeError for a value that is too short to be hidden. */
export function createSecrets(values: Readonly<Record<string, string>>): Secrets {
  const entries = Object.entries(values);
  const placeholders = Object.fromEntries(entries.map(([name]) => [name, secretPlaceholder(name)]));
  if (entries.length === 0) return { placeholders, reveal: undefined, redact: undefined };
  for (const [name, { length }] of entries) {
    if (length >= SECRET_LENGTH_MIN) continue;
    throw new RangeError(
      `The secret "${name}" has ${length} characters; with less than ${SECRET_LENGTH_MIN} it can not be told from ordinary text and hidden`,
    );
  }
  const hidden = entries
    .flatMap(([name, value]) => formsOf(value).map((form) => [name, form] as const))
    .sort(([, a], [, b]) => b.length - a.length);
  return {
    placeholders,
    reveal: (text) =>
      entries.reduce((result, [name, value]) => result.replaceAll(secretPlaceholder(name), () => value), text),
    redact: (text) =>
      hidden.reduce((result, [name, form]) => result.replaceAll(form, () => secretPlaceholder(name)), text),
  };
}

/** How a value looks as it is, inside JSON text, in URLs and forms, and in base64: what executors put into messages and logs. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(bytes.toString()),
    new URLSearchParams({ '': value }).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
  return [...new Set(forms)];
}

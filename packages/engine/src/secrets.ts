/** Secrets: expressions see placeholders, executors get values, everything that is stored or logged gets placeholders again (R-SE-04). */
import { secretPlaceholder, type JsonObject } from '@coppice/core';

/** Values shorter than this are too common in ordinary text to be searched for. */
const REDACTED_LENGTH_MIN = 4;

export interface Secrets {
  /** What expressions see: placeholder by name. */
  readonly placeholders: JsonObject;
  /** Puts values in the place of placeholders; undefined: there are no secrets. */
  readonly reveal: ((text: string) => string) | undefined;
  /** Puts placeholders in the place of values. */
  readonly redact: ((text: string) => string) | undefined;
}

/** Secrets by name. */
export function createSecrets(values: Readonly<Record<string, string>>): Secrets {
  const entries = Object.entries(values);
  const placeholders = Object.fromEntries(entries.map(([name]) => [name, secretPlaceholder(name)]));
  if (entries.length === 0) return { placeholders, reveal: undefined, redact: undefined };
  const hidden = entries
    .filter(([, value]) => value.length >= REDACTED_LENGTH_MIN)
    .sort(([, a], [, b]) => b.length - a.length);
  return {
    placeholders,
    reveal: (text) =>
      entries.reduce((result, [name, value]) => result.replaceAll(secretPlaceholder(name), () => value), text),
    redact: (text) => hidden.reduce((result, [name, value]) => result.replaceAll(value, secretPlaceholder(name)), text),
  };
}

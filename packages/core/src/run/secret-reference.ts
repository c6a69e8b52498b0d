/**
 * References to the secrets in a stored value. The stored text shows a placeholder, and a reference beside the value says that it stands
 * for a secret. A text that only looks like a placeholder, without a reference, is just a text.
 */
import type { Json, JsonObject } from '@coppice/extension';
import { setOwn } from '../task/set-own.ts';

/** One secret inside a value. */
export interface SecretReference {
  /** Path to the text or number that is the secret or holds it. */
  readonly path: readonly (string | number)[];
  /** Where its placeholder begins in the text, in UTF-16 code units. */
  readonly at: number;
  /** Name of the secret. */
  readonly name: string;
  /** How the secret is encoded there, for example `base64`; absent: not encoded. The engine defines the forms. */
  readonly form?: string;
}

/** The text that is shown in the place of a secret. */
export function secretPlaceholder(name: string): string {
  return `\u00absecret:${name}\u00bb`;
}

/** Changes the paths of references for a value that becomes a part of another value. */
export function referencesBelow(
  prefix: readonly (string | number)[],
  references: readonly SecretReference[],
): readonly SecretReference[] {
  return references.map((reference) => ({ ...reference, path: [...prefix, ...reference.path] }));
}

/** Returns what replaces a placeholder. A text that is only the placeholder may be replaced by another type, such as a number. */
type Replacement = (reference: SecretReference) => Json;

/**
 * Replaces the placeholders in a value. Parts without placeholders are shared, not copied. A value that does not fit its references is
 * returned as it is.
 */
export function replaceSecrets(
  value: Json,
  references: readonly SecretReference[] | undefined,
  replace: Replacement,
): Json {
  return references === undefined || references.length === 0
    ? value
    : replaceBelow(value, { references, depth: 0, replace });
}

interface ReferencesBelow {
  readonly references: readonly SecretReference[];
  /** Number of steps of the paths that lead to this value. */
  readonly depth: number;
  readonly replace: Replacement;
}

function replaceBelow(value: Json, { references, depth, replace }: ReferencesBelow): Json {
  if (typeof value === 'string') {
    const here = references.filter(({ path }) => path.length === depth);
    return replaceInText(value, here, replace);
  }
  if (typeof value !== 'object' || value === null) return value;
  const byStep = new Map<string | number | undefined, SecretReference[]>();
  for (const reference of references) {
    const step = reference.path[depth];
    const below = byStep.get(step);
    if (below === undefined) byStep.set(step, [reference]);
    else below.push(reference);
  }
  const changed: Json[] | Record<string, Json> = Array.isArray(value)
    ? [...(value as readonly Json[])]
    : copyOf(value as JsonObject);
  for (const [step, below] of byStep) {
    if (step === undefined || !Object.hasOwn(value, step)) continue;
    const item = replaceBelow((value as Record<string | number, Json>)[step] as Json, {
      references: below,
      depth: depth + 1,
      replace,
    });
    setOwn(changed as Record<string, Json>, String(step), item);
  }
  return changed;
}

function copyOf(value: JsonObject): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) setOwn(copy, key, value[key] as Json);
  return copy;
}

function replaceInText(text: string, references: readonly SecretReference[], replace: Replacement): Json {
  let result = '';
  let from = 0;
  for (const reference of references.toSorted((a, b) => a.at - b.at)) {
    const placeholder = secretPlaceholder(reference.name);
    if (reference.at < from || !text.startsWith(placeholder, reference.at)) continue;
    const replacement = replace(reference);
    if (text === placeholder) return replacement;
    result +=
      text.slice(from, reference.at) + (typeof replacement === 'string' ? replacement : JSON.stringify(replacement));
    from = reference.at + placeholder.length;
  }
  return result + text.slice(from);
}

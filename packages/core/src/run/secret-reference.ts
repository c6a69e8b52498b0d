/**
 * Where secrets stand in a stored value. A stored text shows a placeholder; what makes it a secret is the reference beside the value.
 * A text that only looks like a placeholder is a text.
 */
import type { Json, JsonObject } from '@coppice/extension';
import { setOwn } from '../task/set-own.ts';

/** One secret inside a value. */
export interface SecretReference {
  /** The text, or number, that stands for it or holds it. */
  readonly path: readonly (string | number)[];
  /** Where its placeholder begins in the text, in UTF-16 code units. */
  readonly at: number;
  /** Name of the secret. */
  readonly name: string;
  /** How its value was written there, e.g. `base64`; absent: as it is. What forms there are is the engine's business. */
  readonly form?: string;
}

/** What is shown in the place of a secret. */
export function secretPlaceholder(name: string): string {
  return `\u00absecret:${name}\u00bb`;
}

/** References of a value that becomes part of another one. */
export function referencesBelow(
  prefix: readonly (string | number)[],
  references: readonly SecretReference[],
): readonly SecretReference[] {
  return references.map((reference) => ({ ...reference, path: [...prefix, ...reference.path] }));
}

/** A text that is a secret as a whole may stand for another value: for a number. */
type Replacement = (reference: SecretReference) => Json;

/** The value with something else in the place of its placeholders. What holds none is shared, not copied; so is a value that does not fit its references. */
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
  /** Steps of the paths that lead to the value. */
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

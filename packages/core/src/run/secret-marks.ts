/**
 * Secrets while expressions are evaluated. A mark stands in the place of each secret: a text that nobody outside can know, because it is
 * made anew for each attempt and never stored. So a mark in a result comes from this evaluation, and becomes a reference.
 */
import type { Json, JsonObject } from '@coppice/extension';
import { setOwn } from '../task/set-own.ts';
import { replaceSecrets, secretPlaceholder, type SecretReference } from './secret-reference.ts';

/** The secrets that expressions may name. */
export interface SecretScope {
  readonly names: readonly string[];
  /** Returns a text of letters and digits that can not be guessed. Each call returns another one. */
  readonly unguessable: () => string;
}

/** The scope without secrets. */
export const NO_SECRETS: SecretScope = { names: [], unguessable: () => '' };

type Secret = Pick<SecretReference, 'name' | 'form'>;

/** The marks of one attempt. */
export class SecretMarks {
  readonly #scope: SecretScope;
  readonly #secrets: Secret[] = [];
  #key: string | undefined;

  constructor(scope: SecretScope) {
    this.#scope = scope;
  }

  /** What expressions see as `secrets`. */
  all(): JsonObject {
    const marks: Record<string, Json> = {};
    for (const name of this.#scope.names) setOwn(marks, name, this.#mark({ name }));
    return marks;
  }

  /** Returns a stored value with marks in the place of its placeholders. */
  markIn(value: Json, references: readonly SecretReference[] | undefined): Json {
    return replaceSecrets(value, references, (secret) => this.#mark(secret));
  }

  /** Returns the value with placeholders in the place of marks, and their references. In a key of an object a secret is only hidden. */
  settle(value: Json): { readonly value: Json; readonly references: readonly SecretReference[] } {
    if (this.#key === undefined) return { value, references: [] };
    const references: SecretReference[] = [];
    return { value: this.#settle(value, [], references), references };
  }

  /** Returns a text with placeholders in the place of marks, for keys and messages. */
  hide(text: string): string {
    return this.#key === undefined ? text : this.#settleText(text, () => {});
  }

  #mark({ name, form }: Secret): string {
    this.#key ??= this.#scope.unguessable();
    const known = this.#secrets.findIndex((secret) => secret.name === name && secret.form === form);
    const index = known < 0 ? this.#secrets.push(form === undefined ? { name } : { name, form }) - 1 : known;
    return `\u00ab${this.#key}x${index}\u00bb`;
  }

  #settle(value: Json, path: (string | number)[], references: SecretReference[]): Json {
    if (typeof value === 'string') {
      return this.#settleText(value, (secret, at) => references.push({ path: [...path], at, ...secret }));
    }
    if (typeof value !== 'object' || value === null) return value;
    const below = (item: Json, step: string | number): Json => {
      path.push(step);
      const settled = this.#settle(item, path, references);
      path.pop();
      return settled;
    };
    if (Array.isArray(value)) return (value as readonly Json[]).map(below);
    const settled: Record<string, Json> = {};
    for (const key of Object.keys(value)) {
      const shown = this.hide(key);
      setOwn(settled, shown, below((value as JsonObject)[key] as Json, shown));
    }
    return settled;
  }

  #settleText(text: string, found: (secret: Secret, at: number) => void): string {
    const opening = `\u00ab${this.#key}x`;
    let result = '';
    let from = 0;
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
      const end = text.indexOf('\u00bb', at);
      const secret = end < 0 ? undefined : this.#secrets[Number(text.slice(at + opening.length, end))];
      if (secret === undefined) {
        // An expression has cut the mark into parts. A part of a mark is no secret.
        result += text.slice(from, at + opening.length);
        from = at + opening.length;
        continue;
      }
      result += text.slice(from, at);
      found(secret, result.length);
      result += secretPlaceholder(secret.name);
      from = end + 1;
    }
    return result + text.slice(from);
  }
}

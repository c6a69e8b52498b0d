/**
 * Secrets (R-SE-04). Expressions see marks, executors get values, and everything that is stored or logged shows placeholders.
 *
 * 1. References beside each stored value say where secrets stand in it. Only a reference becomes a value again.
 * 2. Hiding loses nothing for tasks: an executor gets the whole text back, in whatever form the secret was found.
 */
import { randomBytes } from 'node:crypto';
import {
  replaceSecrets,
  secretPlaceholder,
  setOwn,
  type Json,
  type JsonObject,
  type SecretReference,
  type SecretScope,
} from '@coppice/core';
import { copyJson } from './json-copy.ts';
import { SecretSearch } from './secret-search.ts';

/** A value as it may be stored. */
export interface ConcealedValue {
  readonly value: Json;
  /** References to the secrets in the value; absent: there are none. */
  readonly secrets?: readonly SecretReference[];
}

export interface Secrets {
  /** The secrets that expressions may name. */
  readonly scope: SecretScope;
  /** Copies a value, with placeholders in the place of secrets. Throws a TypeError for a value that JSON can not carry. */
  readonly conceal: (value: unknown) => ConcealedValue;
  /** Copies a value, with the secrets of the references in the place of placeholders. */
  readonly reveal: (value: Json, references: readonly SecretReference[] | undefined) => Json;
  /** Puts placeholders in the place of secrets, for texts that are only shown. Undefined: there are no secrets. */
  readonly redact: ((text: string) => string) | undefined;
}

const UNGUESSABLE_BYTES = 16;

/** Secrets by name. Throws a RangeError for a value that is too short to be hidden. */
export function createSecrets(values: Readonly<Record<string, string>>): Secrets {
  const scope: SecretScope = {
    names: Object.keys(values),
    unguessable: () => randomBytes(UNGUESSABLE_BYTES).toString('hex'),
  };
  if (scope.names.length === 0) {
    return {
      scope,
      conceal: (value) => ({ value: copyJson(value) }),
      reveal: (value) => copyJson(value),
      redact: undefined,
    };
  }
  const search = new SecretSearch(values);
  return {
    scope,
    conceal(value) {
      const references: SecretReference[] = [];
      const concealed = concealIn(copyJson(value), [], { search, references });
      return references.length === 0 ? { value: concealed } : { value: concealed, secrets: references };
    },
    reveal: (value, references) =>
      copyJson(replaceSecrets(value, references, (reference) => valueOf(search, reference))),
    redact: (text) => search.hide(withoutSnippet(text)),
  };
}

/** Changes the value in place. The caller must have copied it. */
function concealIn(value: Json, path: (string | number)[], at: ConcealState): Json {
  const { search, references } = at;
  if (typeof value === 'string') return search.hide(value, (secret) => references.push({ path: [...path], ...secret }));
  if (typeof value === 'number') {
    const secret = search.find(String(value));
    if (secret === undefined) return value;
    references.push({ path: [...path], at: 0, name: secret.name, form: NUMBER + (secret.form ?? '') });
    return secretPlaceholder(secret.name);
  }
  if (typeof value !== 'object' || value === null) return value;
  const below = (item: Json, step: string | number): Json => {
    path.push(step);
    const concealed = concealIn(item, path, at);
    path.pop();
    return concealed;
  };
  if (Array.isArray(value)) return (value as readonly Json[]).map(below);
  const concealed: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const shown = search.hide(key);
    setOwn(concealed, shown, below((value as JsonObject)[key] as Json, shown));
  }
  return concealed;
}

/** The part of a text that an error of a JSON parser quotes. It is cut at both ends, so a secret in it can not be recognised. */
const SNIPPET = /(?:\.\.\.)?"[^]{0,60}?"(?:\.\.\.)?(?= is not valid JSON)/g;

function withoutSnippet(text: string): string {
  return text.includes(' is not valid JSON') ? text.replaceAll(SNIPPET, 'the text') : text;
}

interface ConcealState {
  readonly search: SecretSearch;
  readonly references: SecretReference[];
}

/** Prefix of the form of a value that was a number. */
const NUMBER = 'number:';

/** The value of a reference. When the secret is not configured any more, the placeholder. */
function valueOf(search: SecretSearch, { name, form }: SecretReference): Json {
  const isNumber = form?.startsWith(NUMBER) === true;
  const text = search.textOf({ name, form: isNumber ? form.slice(NUMBER.length) : (form ?? '') });
  if (text === undefined) return secretPlaceholder(name);
  return isNumber ? Number(text) : text;
}

/**
 * What can be understood of malformed params: a misspelt field is read as the one that was meant, a name that is none is read as text,
 * anything else that is wrong is left out. So whoever checks what the params mean can do so although their form is wrong, and all violations are told at once.
 */
import type * as z from 'zod';
import { meantBy, VIOLATIONS_MAX } from './violations.ts';
import type { ParamViolation } from './violations.ts';

type Path = readonly (string | number)[];

/** Params that satisfy the schema. */
export interface Salvage<Output> {
  readonly value: Output;
  /** Path in the given params of a path in the value; undefined: nothing more is to be said about it. */
  readonly originOf: (path: Path) => Path | undefined;
}

/** Undefined when nothing can be made of them. `violations` are all there are; the given params are not changed. */
export function salvage<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  violations: readonly ParamViolation[],
): Salvage<z.output<Schema>> | undefined {
  if (violations.length >= VIOLATIONS_MAX) return undefined;
  for (const isRenaming of [true, false]) {
    const repair = new Repair(given, isRenaming);
    for (const violation of violations) if (!repair.apply(violation)) return undefined;
    const parsed = schema.safeParse(repair.finish());
    if (parsed.success) return { value: parsed.data, originOf: (path) => repair.originOf(path) };
  }
  return undefined;
}

type Holder = Record<string | number, unknown>;

class Repair {
  readonly #isRenaming: boolean;
  readonly #root: { params: unknown };
  /** Copies of what is changed, by the original. */
  readonly #copies = new Map<object, Holder>();
  /** Entries that are left out, by the path of their list. */
  readonly #leftOut = new Map<string, { readonly list: unknown[]; readonly indexes: Set<number> }>();
  /** Fields as they were given, by the path of the field that was meant. */
  readonly #renamed = new Map<string, string>();
  /** Places of which enough is said. */
  readonly #refused = new Set<string>();

  constructor(given: unknown, isRenaming: boolean) {
    this.#root = { params: given };
    this.#isRenaming = isRenaming;
  }

  /** Makes the place of a violation harmless; false when that leaves nothing. */
  apply({ path, reason, expected }: ParamViolation): boolean {
    const at = this.#present(path);
    const key = at.at(-1);
    if (key === undefined) return false;
    const holder = this.#copied(at.slice(0, -1));
    const text = at.length === path.length ? asText(holder[key], expected) : undefined;
    if (text !== undefined) {
      setField(holder, key, text);
      this.#refused.add(keyOf(at));
      return true;
    }
    if (Array.isArray(holder)) {
      const place = keyOf(at.slice(0, -1));
      const known = this.#leftOut.get(place) ?? { list: holder as unknown[], indexes: new Set() };
      known.indexes.add(Number(key));
      this.#leftOut.set(place, known);
      return true;
    }
    const meant = this.#isRenaming ? meantBy(reason) : undefined;
    if (meant !== undefined && !Object.hasOwn(holder, meant)) {
      setField(holder, meant, holder[key]);
      this.#renamed.set(keyOf([...at.slice(0, -1), meant]), String(key));
    } else this.#refused.add(keyOf(at));
    delete holder[key];
    return true;
  }

  finish(): unknown {
    for (const { list, indexes } of this.#leftOut.values()) {
      const kept = list.filter((_, index) => !indexes.has(index));
      list.splice(0, list.length, ...kept);
    }
    return this.#root.params;
  }

  originOf(path: Path): Path | undefined {
    const origin: (string | number)[] = [];
    for (const part of path) {
      const indexes = typeof part === 'number' ? this.#leftOut.get(keyOf(origin))?.indexes : undefined;
      if (indexes !== undefined) origin.push(nthKept(Number(part), indexes));
      else origin.push(this.#renamed.get(keyOf([...origin, part])) ?? part);
      if (this.#refused.has(keyOf(origin))) return undefined;
    }
    return origin;
  }

  /** The path as far as something is there: what lacks a required field is wrong as a whole. */
  #present(path: Path): Path {
    let at: unknown = this.#root.params;
    for (const [depth, key] of path.entries()) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return path.slice(0, depth);
      at = (at as Holder)[key];
    }
    return path;
  }

  /** The object or list at a path, as a copy that may be changed. */
  #copied(path: Path): Holder {
    let holder = this.#root as Holder;
    for (const key of ['params', ...path]) {
      const original = holder[key] as object;
      let copy = this.#copies.get(original);
      if (copy === undefined) {
        copy = (Array.isArray(original) ? [...(original as unknown[])] : { ...original }) as Holder;
        this.#copies.set(original, copy).set(copy, copy);
      }
      setField(holder, key, copy);
      holder = copy;
    }
    return holder;
  }
}

/** A text that stands for a value which is to be a name: the same for the same value, so that references to it are understood, too. */
function asText(value: unknown, expected: string | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return expected === 'string' ? String(value) : undefined;
  if (typeof value !== 'string' || value.isWellFormed()) return undefined;
  return value.replaceAll(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/** Of the object itself, whatever its name: a plain assignment of `__proto__` would be lost. */
function setField(holder: Holder, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function nthKept(index: number, leftOut: ReadonlySet<number>): number {
  let at = index;
  for (const each of [...leftOut].toSorted((a, b) => a - b)) if (each <= at) at += 1;
  return at;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** The values of variables after the writes of a chain. */
import type { Json, JsonObject, MergeFunction } from '@coppice/extension';
import { setOwn } from '../task/set-own.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { labelOf } from '../run/task-label.ts';
import { mergeNameOf } from './declarations.ts';
import { contributedMerge, findBuiltIn, type BuiltInMerge } from './merges.ts';
import type { Conflicts, Writers } from './writers.ts';

/** Why a variable has no value. */
export class VariableError extends Error {
  override readonly name = 'VariableError';
  readonly code: 'variables/conflict' | 'variables/invalid';

  constructor(code: VariableError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What the fold needs beside the chain. */
export interface FoldContext {
  readonly run: Pick<RunState, 'variables' | 'merges'>;
  /** Contributed merges by name. */
  readonly merges: ReadonlyMap<string, MergeFunction> | undefined;
  /** Links whose values are kept, the newest last. */
  readonly kept: Writers[];
}

/** Links whose values are kept: where many tasks read, most have seen the same as one just before. */
const KEPT_MAX = 32;

/** Values that a reader gets. Reading a variable in conflict throws a VariableError. */
export function readableValues(writers: Writers | undefined, folding: FoldContext): JsonObject {
  const values = valuesOf(writers, folding);
  if (writers?.conflicts === undefined) return values;
  const readable: Record<string, Json> = {};
  for (const name of Object.keys(values)) setOwn(readable, name, values[name] as Json);
  for (const [name, tasks] of writers.conflicts) {
    const get = (): never => {
      throw new VariableError('variables/conflict', conflictText(name, tasks));
    };
    Object.defineProperty(readable, name, { get, enumerable: true, configurable: true });
  }
  return readable;
}

/** What is known at the end: the values, without those of variables in conflict; and those, with two of their writers. */
export function finalValues(
  writers: Writers,
  folding: FoldContext,
): { readonly variables: JsonObject; readonly conflicts: Conflicts | undefined } {
  const values = valuesOf(writers, folding);
  const { conflicts } = writers;
  if (conflicts === undefined) return { variables: values, conflicts };
  const variables: Record<string, Json> = {};
  for (const name of Object.keys(values)) if (!conflicts.has(name)) setOwn(variables, name, values[name] as Json);
  return { variables, conflicts };
}

function conflictText(name: string, [a, b]: readonly [TaskState, TaskState]): string {
  return `the variable '${name}' has two values: ${labelOf(a)} and ${labelOf(b)} wrote it, and neither depends on the other. Let one depend on the other, or declare how it merges`;
}

function valuesOf(writers: Writers | undefined, folding: FoldContext): JsonObject {
  const unfolded: Writers[] = [];
  let at = writers;
  for (; at !== undefined && at.values === undefined; at = at.before) unfolded.push(at);
  const known = at?.values ?? folding.run.variables;
  if (writers === undefined || unfolded.length === 0) return known;
  const written = byVariable(unfolded.reverse().map(({ patch }) => patch));
  const values: Record<string, Json> = {};
  for (const name of Object.keys(known)) setOwn(values, name, known[name] as Json);
  for (const [name, each] of written)
    setOwn(values, name, folded(name, { former: values[name] ?? null, each }, folding));
  writers.values = values;
  folding.kept.push(writers);
  if (folding.kept.length > KEPT_MAX) (folding.kept.shift() as Writers).values = undefined;
  return values;
}

/** What each variable was given, in order. */
function byVariable(patches: readonly JsonObject[]): ReadonlyMap<string, readonly Json[]> {
  const written = new Map<string, Json[]>();
  for (const patch of patches) {
    for (const name of Object.keys(patch)) {
      const values = written.get(name);
      if (values === undefined) written.set(name, [patch[name] as Json]);
      else values.push(patch[name] as Json);
    }
  }
  return written;
}

/** One write in the place of these, which are in order: merges are associative. */
export function mergedWrites(patches: readonly JsonObject[], folding: FoldContext): JsonObject {
  const merged: Record<string, Json> = {};
  for (const [name, each] of byVariable(patches)) setOwn(merged, name, folded(name, { former: null, each }, folding));
  return merged;
}

interface Writes {
  readonly former: Json;
  readonly each: readonly Json[];
}

function folded(name: string, { former, each }: Writes, { run, merges }: FoldContext): Json {
  const mergeName = mergeNameOf(run.merges, name);
  const value = attempt(name, mergeName, () => mergeOf(mergeName, merges).fold(former, each));
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new VariableError('variables/invalid', `the variable '${name}' became ${value}, which is no number of JSON`);
  return value;
}

function mergeOf(name: string, contributed: FoldContext['merges']): BuiltInMerge {
  const builtIn = findBuiltIn(name);
  if (builtIn !== undefined) return builtIn;
  const merge = contributed?.get(name);
  if (merge === undefined) throw new Error('no extension that is loaded contributes it');
  return contributedMerge((a, b) => asJson(merge(a, b)));
}

function attempt(name: string, mergeName: string, fold: () => Json): Json {
  try {
    return fold();
  } catch (error) {
    const message = `the variable '${name}' can not be merged by ${mergeName}: ${(error as Error).message}`;
    throw new VariableError('variables/invalid', message);
  }
}

/** Contributed code may return anything. */
function asJson(value: unknown): Json {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new Error('it returned nothing');
  return JSON.parse(text) as Json;
}

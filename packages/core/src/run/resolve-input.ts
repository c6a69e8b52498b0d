/** Resolves a task's input when it starts (rule 4), its idempotency key (R-DR-12), and what it waits for. */
import type { Json, JsonObject } from '@coppice/extension';
import { asText } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';
import { compensationScope } from './compensation-scope.ts';
import { BREAKER_OPEN, isFallingBack } from './falling-back.ts';
import { isEarlier } from './order-key.ts';
import { resolveValue } from './resolve-value.ts';
import type { SecretReference } from './secret-reference.ts';
import type { RunState, TaskState } from './state.ts';
import { lenderOf, TaskExpressions, type InputContext, type Settled } from './task-expressions.ts';
import { delivers, outputOf, type Incoming } from './task-outputs.ts';

/** The input of an attempt. */
export interface ResolvedInput {
  readonly input: JsonObject;
  /** Where secrets stand in the input. */
  readonly secrets: readonly SecretReference[];
  /** Undefined: the default key. */
  readonly idempotencyKey: string | undefined;
}

/** Resolves the input and the key of the next attempt. Throws an Error that names the expression which failed. */
export function resolveInput(resolving: InputContext, task: TaskState): ResolvedInput {
  const isUndoing = task.definition.compensates !== undefined;
  const fallback = isFallingBack(task) ? task.definition.fallback : undefined;
  const more: Record<string, Json> = {};
  const expressions = new TaskExpressions(task, resolving, isUndoing || fallback !== undefined ? { more } : {});
  if (isUndoing) Object.assign(more, compensationScope(resolving.run, task, expressions));
  if (fallback !== undefined) Object.assign(more, fallbackScope(task));
  const inputs = fallback === undefined ? task.definition.inputs : (fallback.inputs ?? NO_INPUTS);
  const input: Record<string, Json> = {};
  const lender = lenderOf(task);
  const { incoming } = lender ?? task;
  let named: ReadonlyMap<string, readonly Incoming[] | undefined> | undefined;
  for (let at = 0; at < incoming.length; at++) {
    const edge = incoming[at] as Incoming;
    // A list that many copies are made of would be in the input of each.
    if (lender !== undefined && edge.dependency.into === undefined) continue;
    // It depends on the compensation before it for the order only.
    if (isUndoing) continue;
    const { ref, into } = edge.dependency;
    if (into !== undefined) named ??= deliveriesByKey(incoming);
    if (!delivers(lender ?? task, edge)) continue;
    if (into === undefined || named?.get(into) === undefined)
      setOwn(input, into ?? ref, outputOf(edge.source, expressions));
  }
  for (const [key, edges] of named ?? NONE) {
    if (edges !== undefined) setOwn(input, key, listOf(edges, lender ?? task, expressions));
  }
  for (const key in inputs) {
    if (Object.hasOwn(inputs, key)) setOwn(input, key, resolveValue(inputs[key] as Json, expressions));
  }
  const key = idempotencyKey(resolving.run, task, expressions);
  const { value, references } = expressions.settle(input);
  return {
    input: value as JsonObject,
    secrets: references,
    // The key is sent to other systems by code that does not hide secrets.
    idempotencyKey: key === undefined ? undefined : expressions.marks.hide(key),
  };
}

const NONE: ReadonlyMap<string, undefined> = new Map();

/** The edges to each key that `into` names for several sources; undefined for a key of one source. */
function deliveriesByKey(incoming: readonly Incoming[]): ReadonlyMap<string, readonly Incoming[] | undefined> {
  const byKey = new Map<string, Incoming[]>();
  for (const edge of incoming) {
    const { into } = edge.dependency;
    if (into === undefined) continue;
    const edges = byKey.get(into);
    if (edges === undefined) byKey.set(into, [edge]);
    else edges.push(edge);
  }
  const isShared = (edges: readonly Incoming[]): boolean => edges.some(({ source }) => source !== edges[0]?.source);
  return new Map(Array.from(byKey, ([key, edges]) => [key, isShared(edges) ? edges : undefined]));
}

/** The outputs of the sources that fired, each once, in the order of the tree: whatever ended first (R-RO-10). */
function listOf(edges: readonly Incoming[], task: TaskState, expressions: TaskExpressions): Json {
  const sources = new Set(edges.filter((edge) => delivers(task, edge)).map(({ source }) => source));
  return [...sources].toSorted((a, b) => (isEarlier(a, b) ? -1 : 1)).map((source) => outputOf(source, expressions));
}

/** What a task waits for, as its definition says, with where secrets stand in it. Throws as `resolveInput`. */
export function resolveWait(resolving: InputContext, task: TaskState): Settled {
  const expressions = new TaskExpressions(task, resolving);
  const { wait, approval } = task.definition;
  return expressions.settle(resolveValue({ ...(wait ?? approval) }, expressions));
}

const NO_INPUTS: JsonObject = {};

/** What the expressions of a fallback read beside those of inputs. */
function fallbackScope({ error }: TaskState): JsonObject {
  const breaker = error?.code === BREAKER_OPEN ? (error.data ?? null) : null;
  return { error: (error ?? null) as unknown as Json, breaker };
}

/** What stands in for the output of a task that has failed. Throws as `resolveInput`. */
export function resolveFallbackOutput(resolving: InputContext, task: TaskState, output: Json): Settled {
  const expressions = new TaskExpressions(task, resolving, { more: fallbackScope(task) });
  return expressions.settle(resolveValue(output, expressions));
}

/** The key of the task's last attempt. */
export function idempotencyKeyOf(run: RunState, task: TaskState): string {
  return task.idempotencyKey ?? `${run.treeId}/${task.id}`;
}

/** The resolved idempotency key; undefined: the default key. What takes the place of the task's work has a key of its own. */
function idempotencyKey(run: RunState, task: TaskState, expressions: TaskExpressions): string | undefined {
  const key = ownKey(run, task, expressions);
  return isFallingBack(task) ? `${key ?? `${run.treeId}/${task.id}`}/fallback` : key;
}

function ownKey(run: RunState, task: TaskState, expressions: TaskExpressions): string | undefined {
  const template = task.definition.policies.idempotencyKey;
  if (template === undefined && task.generation === 0) return undefined;
  const key = template === undefined ? `${run.treeId}/${task.id}` : asText(resolveValue(template, expressions));
  return task.generation === 0 ? key : `${key}#${task.generation}`;
}

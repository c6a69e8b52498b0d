/**
 * Which writers a task sees, in their order: depth, then order key, which says nothing of when a task was added. Chains share what they have in common, so that a task with one
 * source adds a link at most.
 *
 * 1. A link depends on all before it, or it was put in order with others by `union`, over what all of them depend on.
 * 2. So whatever two chains share comes before everything that they do not.
 */
import type { JsonObject } from '@coppice/extension';
import { isEarlier } from '../run/order-key.ts';
import { Heap } from '../schedule/heap.ts';
import type { TaskState } from '../run/state.ts';

/** A chain of writers, the last one first. */
export interface Writers {
  readonly before: Writers | undefined;
  readonly task: TaskState;
  readonly patch: JsonObject;
  readonly size: number;
  /** Replaced variables of which the chain does not say who was last, with two of the writers. Undefined: none. */
  readonly conflicts: Conflicts | undefined;
  /** Values after these writes, while they are kept. */
  values: JsonObject | undefined;
}

type Pair = readonly [TaskState, TaskState];

export type Conflicts = ReadonlyMap<string, Pair>;

/** What `union` needs to know of a writer. */
export interface WriterFacts {
  depthOf(task: TaskState): number;
  /** What the writer itself sees. */
  seenBy(task: TaskState): Writers | undefined;
  /** True for a variable of which only the last write counts. */
  isReplaced(name: string): boolean;
}

/** The chain with one more writer, which sees all of it. */
export function withWriter(
  before: Writers | undefined,
  { task, patch }: { readonly task: TaskState; readonly patch: JsonObject },
): Writers {
  return link(before, { task, patch }, without(before?.conflicts, Object.keys(patch)));
}

function link(
  before: Writers | undefined,
  { task, patch }: Pick<Writers, 'task' | 'patch'>,
  conflicts: Conflicts | undefined,
): Writers {
  return { before, task, patch, size: (before?.size ?? 0) + 1, conflicts, values: undefined };
}

function without(conflicts: Conflicts | undefined, names: readonly string[]): Conflicts | undefined {
  if (conflicts === undefined || !names.some((name) => conflicts.has(name))) return conflicts;
  const kept = new Map([...conflicts].filter(([name]) => !names.includes(name)));
  return kept.size === 0 ? undefined : kept;
}

/** All writers of the chains, each once. */
export function union(chains: readonly (Writers | undefined)[], facts: WriterFacts): Writers | undefined {
  const heads = [...new Set(chains)].filter((head) => head !== undefined);
  if (heads.length <= 1) return heads[0];
  const { shared, apart } = split(heads);
  const longest = heads.reduce((a, b) => (b.size > a.size ? b : a));
  if (longest.size - (shared?.size ?? 0) === apart.size) return longest;
  const writers = [...apart].sort(([a], [b]) => facts.depthOf(a) - facts.depthOf(b) || (isEarlier(a, b) ? -1 : 1));
  const conflicts = conflictsAmong(writers, shared, facts);
  let chain = shared;
  for (const [task, patch] of writers) chain = link(chain, { task, patch }, conflicts);
  return chain;
}

/** What all chains share, and the writers of each that the others do not share. Costs what is not shared. */
function split(heads: readonly Writers[]): {
  readonly shared: Writers | undefined;
  readonly apart: ReadonlyMap<TaskState, JsonObject>;
} {
  const open = new Heap<Writers>((a, b) => a.size > b.size);
  const known = new Set(heads);
  for (const head of heads) open.push(head);
  const apart = new Map<TaskState, JsonObject>();
  let endsApart = false;
  while (open.size > 1 || (endsApart && open.size > 0)) {
    const { task, patch, before } = open.pop() as Writers;
    apart.set(task, patch);
    if (before === undefined) endsApart = true;
    else if (!known.has(before)) {
      known.add(before);
      open.push(before);
    }
  }
  return { shared: open.peek(), apart };
}

type Apart = readonly (readonly [TaskState, JsonObject])[];

function conflictsAmong(writers: Apart, shared: Writers | undefined, facts: WriterFacts): Conflicts | undefined {
  const byVariable = new Map<string, TaskState[]>();
  for (const [task, patch] of writers) {
    for (const name of Object.keys(patch)) {
      if (!facts.isReplaced(name)) continue;
      const tasks = byVariable.get(name);
      if (tasks === undefined) byVariable.set(name, [task]);
      else tasks.push(task);
    }
  }
  const conflicts = new Map(without(shared?.conflicts, [...byVariable.keys()]));
  for (const [name, tasks] of byVariable) {
    const conflict = conflictOf(tasks, name, { shared, facts });
    if (conflict !== undefined) conflicts.set(name, conflict);
  }
  return conflicts.size === 0 ? undefined : conflicts;
}

interface Sight {
  readonly shared: Writers | undefined;
  readonly facts: WriterFacts;
}

/** Two writers of which neither sees the other, unless a later one sees all. */
function conflictOf(tasks: readonly TaskState[], name: string, sight: Sight): Pair | undefined {
  let conflict: Pair | undefined;
  for (let at = 1; at < tasks.length; at++) {
    const task = tasks[at] as TaskState;
    const former = tasks[at - 1] as TaskState;
    if (conflict !== undefined)
      conflict = seesAll(task, at, { name, sight }) ? undefined : narrowed(conflict, task, sight);
    else if (!sees(task, former, sight)) conflict = [former, task];
  }
  return conflict;
}

/** A write that a later one has replaced is no part of a conflict any more. */
function narrowed([a, b]: Pair, task: TaskState, sight: Sight): Pair {
  if (sees(task, a, sight)) return [b, task];
  return sees(task, b, sight) ? [a, task] : [a, b];
}

/** The writers that a task sees and the shared chain does not have. */
function* seenApart(task: TaskState, { shared, facts }: Sight): Generator<Writers> {
  const size = shared?.size ?? 0;
  for (let at = facts.seenBy(task); at !== undefined && at.size > size; at = at.before) yield at;
}

function sees(task: TaskState, writer: TaskState, sight: Sight): boolean {
  for (const seen of seenApart(task, sight)) if (seen.task === writer) return true;
  return false;
}

function seesAll(
  task: TaskState,
  count: number,
  { name, sight }: { readonly name: string; readonly sight: Sight },
): boolean {
  let seen = 0;
  for (const { patch } of seenApart(task, sight)) if (Object.hasOwn(patch, name)) seen++;
  return seen >= count;
}

/** A copy beside what it was copied from: which tasks there are, with which inputs, and what came of them. */
import type { RunView, TaskView } from '@coppice/client';
import { depthFirst } from './graph-outline.ts';

export interface ComparedTask {
  readonly name: string;
  /** undefined: only in the copy. */
  readonly origin: TaskView | undefined;
  /** undefined: left out of the copy. */
  readonly copy: TaskView | undefined;
  /** True: it was copied, and a person took it out of the copy. */
  readonly isTakenOut: boolean;
  /** What differs; empty: nothing does. */
  readonly differences: readonly Difference[];
  /** Durations of the last attempts, ms; undefined where one of them did not run. */
  readonly durationMs: { readonly origin: number; readonly copy: number } | undefined;
}

export type Difference = 'structure' | 'executor' | 'inputs' | 'dependencies' | 'status' | 'output' | 'error';

/** The tasks in the order of the copy. Tasks that the copy left out come last. */
export function compareRuns(origin: RunView, copy: RunView): readonly ComparedTask[] {
  const matched = new Set<string>();
  const rows = depthFirst(copy).map((task): ComparedTask => {
    const original = origin.tasks.get(task.definition.originalTaskId ?? '');
    if (original !== undefined) matched.add(original.id);
    return compared(original, task, copy);
  });
  const takenOut = new Set<string | undefined>();
  for (const { isDeleted, definition } of copy.tasks.values()) if (isDeleted) takenOut.add(definition.originalTaskId);
  const left = depthFirst(origin).filter(({ id }) => !matched.has(id));
  return [...rows, ...left.map((task) => ({ ...compared(task, undefined, copy), isTakenOut: takenOut.has(task.id) }))];
}

function compared(origin: TaskView | undefined, copy: TaskView | undefined, copyRun: RunView): ComparedTask {
  const name = (copy ?? origin)?.definition.name ?? '';
  if (origin === undefined || copy === undefined) {
    return { name, origin, copy, isTakenOut: false, differences: ['structure'], durationMs: undefined };
  }
  const differences: Difference[] = [];
  const differs = (what: Difference, a: unknown, b: unknown): void => {
    if (canonical(a) !== canonical(b)) differences.push(what);
  };
  if (!copy.isReused) {
    differs('executor', origin.definition.executor, copy.definition.executor);
    differs('inputs', origin.definition.inputs, copy.definition.inputs);
    differs('dependencies', dependenciesOf(origin), originalDependenciesOf(copy, copyRun));
  }
  differs('status', origin.status, copy.status);
  differs('output', origin.output, copy.output);
  differs('error', origin.error?.message, copy.error?.message);
  return { name, origin, copy, isTakenOut: false, differences, durationMs: durationsOf(origin, copy) };
}

function dependenciesOf(task: TaskView): readonly string[] {
  return task.definition.dependencies.map(({ task: id }) => id);
}

/** Dependencies of a task of the copy, by the ids of the origin. */
function originalDependenciesOf(task: TaskView, run: RunView): readonly string[] {
  return dependenciesOf(task).map((id) => run.tasks.get(id)?.definition.originalTaskId ?? id);
}

function durationsOf(origin: TaskView, copy: TaskView): ComparedTask['durationMs'] {
  const of = ({ startedAtMs, endedAtMs, isReused }: TaskView): number | undefined =>
    isReused || startedAtMs === undefined || endedAtMs === undefined ? undefined : endedAtMs - startedAtMs;
  const [a, b] = [of(origin), of(copy)];
  return a === undefined || b === undefined ? undefined : { origin: a, copy: b };
}

/**
 * One side of a comparison as a document. Both sides are the same where nobody edited the copy and the same came of it. What differs
 * always stands apart at the end: times, and what was run at all. A task whose result was reused is shown as its origin was defined: the
 * copy holds the recorded input in the place of expressions that read what was not copied.
 */
export function comparedSide(rows: readonly ComparedTask[], side: 'origin' | 'copy'): unknown {
  const copied = rows.filter(({ copy, isTakenOut }) => copy !== undefined || isTakenOut);
  const tasks = copied.flatMap((row) => {
    const task = row[side];
    if (task === undefined) return [];
    const definition = (row.copy?.isReused === true ? row.origin : task)?.definition ?? task.definition;
    return {
      task: definition.name,
      executor: definition.executor ?? null,
      inputs: definition.inputs,
      status: task.status,
      // Members of objects in one order, so that only values differ.
      output: JSON.parse(canonical(task.output ?? null)) as unknown,
      error: task.error?.message ?? null,
    };
  });
  const times = copied.flatMap((row) => {
    const task = row[side];
    if (task === undefined) return [];
    return { task: task.definition.name, durationMs: row.durationMs?.[side] ?? null, reused: task.isReused };
  });
  return { tasks, notCopied: rows.filter((row) => !copied.includes(row)).map(({ name }) => name), times };
}

/** JSON with the members of objects in the order of their names. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

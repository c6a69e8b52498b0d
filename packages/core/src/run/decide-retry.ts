/**
 * Re-opens a run that has ended: from the start, from the tasks that failed, or from one task. Dependents that have ended are reset too
 * (R-RT-13, R-RT-14).
 */
import type { JsonObject } from '@coppice/extension';
import { refuse, type Outcome, type RefusedOutcome } from '../errors/rejection.ts';
import { inWords, isRunTerminal } from '../task/status.ts';
import { resetClosure, type ResetClosure } from './closure.ts';
import { activation } from './edges.ts';
import type { RunCommand } from './command.ts';
import { deadlineOf, resume, underWay } from './decide-execute.ts';
import { makesMembers } from './expanded.ts';
import { givenInputs } from './given-inputs.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { hasFailedItself } from './failures.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { isCompensation } from './undoable.ts';
import { unknownTask } from './unknown-task.ts';

type RetryCommand = Extract<RunCommand, { readonly type: 'retry' }>;

/** What a retry does. */
interface RetryPlan {
  /** Tasks that are pending again, in declared order. */
  readonly reset: readonly TaskState[];
  /** Members that go, because their group makes them anew. */
  readonly removed: readonly TaskState[];
  /** True: tasks that the run did not execute before are among those that are reset. */
  readonly isWider: boolean;
  /** New inputs of the run; undefined: they stay as they are. */
  readonly inputs: JsonObject | undefined;
}

export function decideRetry(draft: Draft, command: RetryCommand): Refusal {
  const plan = planRetry(draft.run, command);
  if (!plan.ok) return plan;
  const { reset, removed, isWider, inputs } = plan.value;
  const ids = reset.map((task) => task.id);
  emit(draft, 'RunReopened', {
    data: {
      mode: command.mode,
      reset: ids,
      ...(removed.length === 0 ? {} : { removed: removed.map(({ id }) => id) }),
      ...(isWider ? { selection: ids } : {}),
      ...(inputs === undefined ? {} : { inputs }),
      ...deadlineOf(draft),
    },
  });
  resume(draft, reset);
  return undefined;
}

/** Plans a retry, or says why it is refused. Changes nothing. */
export function planRetry(run: RunState, command: RetryCommand): Outcome<RetryPlan> {
  if (!isRunTerminal(run.status)) return refuseActive(run);
  const top = run.byId.get(command.taskId ?? run.root.id);
  if (top === undefined) return unknownTask(run, command.taskId);
  if (isCompensation(top)) return refuseCompensation(top);
  const seeds = seedsOf(run, command.mode, top);
  if (seeds.length === 0) return nothingToRetry(run, command.mode, top);
  const closure = closureOf(run, seeds, command.cascade ?? true);
  const removed = removedBy(closure, command.mode, new Set(seeds));
  const reset = closure.all.filter((task) => wasExecuted(run, task) && !removed.has(task));
  const impossible = command.mode === 'task' ? findImpossible(seeds, reset) : undefined;
  if (impossible !== undefined) return impossible;
  const inputs = givenInputs(run, command.inputs);
  if (!inputs.ok) return inputs;
  return {
    ok: true,
    value: { reset, removed: [...removed], isWider: !seeds.every((task) => task.selected), inputs: inputs.value },
  };
}

/** What is reset: where a group is open again, also what it has compensated, because it is undone. */
function closureOf(run: RunState, seeds: TaskState[], cascade: boolean): ResetClosure {
  const closure = resetClosure(run, seeds, cascade);
  if (run.compensation === undefined) return closure;
  const isReset = new Set(closure.all);
  const undone = run.tasks.flatMap(({ definition: { compensates }, scope: { owner } }) => {
    const original = compensates === undefined ? undefined : run.byId.get(compensates);
    return original === undefined || owner === undefined || !isReset.has(owner) || isReset.has(original)
      ? []
      : [original];
  });
  if (undone.length === 0) return closure;
  for (const task of undone) seeds.push(...subTree(task));
  return closureOf(run, seeds, cascade);
}

function refuseCompensation({ id, definition }: TaskState): RefusedOutcome {
  return refuse(
    'task/invalid-transition',
    `${definition.name} (${id}) is a compensation: it runs only when its group fails. Retry the run from failure, or undo by hand what it could not`,
    { data: { taskId: id } },
  );
}

function refuseActive(run: RunState): RefusedOutcome {
  if (run.status !== 'created') return underWay(run);
  return refuse('task/invalid-transition', `The run of tree ${run.treeId} has not started. Use tasks.execute`, {
    data: { status: run.status },
  });
}

/** Members of groups that make them anew: those that start over, not those that only go on; and compensations of groups that are open again. */
function removedBy(
  { all, reopened }: ResetClosure,
  mode: RetryCommand['mode'],
  seeds: ReadonlySet<TaskState>,
): ReadonlySet<TaskState> {
  const removed = new Set<TaskState>();
  const isReset = new Set(all);
  for (const task of all) {
    for (const member of task.group?.members ?? []) if (isCompensation(member)) removed.add(member);
    if (!makesMembers(task) || removed.has(task)) continue;
    const isSeed = seeds.has(task) && (mode !== 'failure' || hasFailedItself(task));
    if (!isSeed && !reopened.has(task) && !isRepeatedBefore(task, isReset)) continue;
    for (const below of subTree(task)) if (below !== task) removed.add(below);
  }
  return removed;
}

/** True for a repetition of which another copy than the last is to run again. */
function isRepeatedBefore({ definition, group }: TaskState, isReset: ReadonlySet<TaskState>): boolean {
  if (definition.multiplier?.repeat === undefined) return false;
  return group?.members.slice(0, -1).some((copy) => isReset.has(copy)) === true;
}

/** The tasks that a retry starts from. A group is re-opened around its failed members; its other members keep their outcomes. */
function seedsOf(run: RunState, mode: RetryCommand['mode'], top: TaskState): TaskState[] {
  const executed = (mode === 'task' ? subTree(top) : run.tasks).filter(
    (task) => wasExecuted(run, task) && !isCompensation(task),
  );
  if (mode !== 'failure') return executed;
  const isSeed = (task: TaskState): boolean =>
    (task.status === 'cancelled' && task.reason?.code !== 'race') || hasFailedItself(task);
  return executed.filter(isSeed).flatMap((task) => (task.group === undefined ? [task] : againOf(run, task)));
}

/** A group is opened again with the members that it never opened for. One that could only be skipped again stays as it is. */
function againOf(run: RunState, group: TaskState): readonly TaskState[] {
  if (group.status === 'cancelled') return [group];
  if (activation(group) === 'skip') return [];
  return subTree(group).filter((task) => task === group || (task.status === 'skipped' && wasExecuted(run, task)));
}

/** True for a task that the run was to execute. A run that was cancelled before it started has no selection: it means the whole tree. */
function wasExecuted(run: RunState, task: TaskState): boolean {
  return run.startedAtMs === undefined ? !task.deleted : task.selected;
}

function nothingToRetry(run: RunState, mode: RetryCommand['mode'], top: TaskState): RefusedOutcome {
  const message =
    mode === 'task'
      ? `${top.definition.name} (${top.id}) is no part of what the run has executed. Use tasks.execute`
      : `Nothing in tree ${run.treeId} has failed or was cancelled. Mode "start" runs all of it again, mode "task" one task`;
  return refuse('task/invalid-transition', message, { data: { status: run.status } });
}

/** Refuses to retry a task that would be skipped again, because a dependency that failed is not reset with it. */
function findImpossible(seeds: readonly TaskState[], reset: readonly TaskState[]): Refusal {
  const isReset = new Set(reset);
  for (const task of seeds) {
    const dead = task.incoming.filter((edge) => edge.status === 'dead' && !isReset.has(edge.source));
    if (dead.length === 0 || activation(task) !== 'skip') continue;
    const names = dead.map(({ source }) => `${source.definition.name} (${source.id}) ${inWords(source.status)}`);
    return refuse(
      'task/dependencies-unsatisfied',
      `${task.definition.name} can not run: ${names.join(', ')}. Retry those first`,
      {
        data: { taskId: task.id, unmet: dead.map(({ source }) => source.id) },
      },
    );
  }
  return undefined;
}

/** Starts a run: of the whole tree, or of some tasks with their sub-trees and everything that they need. */
import type { JsonObject } from '@coppice/extension';
import { refuse, type RefusedOutcome } from '../errors/rejection.ts';
import { inWords, isRunTerminal, isTerminal, isUnderWay } from '../task/status.ts';
import { activate } from './end.ts';
import { activation, isScopeOpen } from './edges.ts';
import { needsOf } from './closure.ts';
import type { RunCommand } from './command.ts';
import { givenInputs } from './given-inputs.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import type { RunState, TaskState } from './state.ts';
import { unknownTask } from './unknown-task.ts';

/** Tasks that a message names. */
const NAMED_MAX = 5;

export function decideExecute(draft: Draft, command: Extract<RunCommand, { readonly type: 'execute' }>): Refusal {
  const { run } = draft;
  const ids = command.taskIds ?? [run.root.id];
  const unknown = ids.filter((id) => !run.byId.has(id));
  if (unknown.length > 0) return unknownTask(run, unknown.slice(0, NAMED_MAX).join(', '));
  const tasks = ids.flatMap((id) => run.byId.get(id) ?? []);
  if (isUnderWay(run.status)) return underWay(run);
  const isWhole = tasks.includes(run.root);
  const done = isWhole
    ? isRunTerminal(run.status)
      ? [run.root]
      : []
    : tasks.filter(({ status }) => isTerminal(status));
  if (done.length > 0) return settled(run, done);
  const selection = isWhole ? run.tasks.filter((candidate) => !candidate.deleted) : needsOf(run, tasks);
  const unmet = isWhole
    ? []
    : selection.filter((needed) => needed.status === 'pending' && activation(needed) === 'skip');
  if (unmet.length > 0) return unsatisfied(tasks, unmet);
  const inputs = givenInputs(run, command.inputs);
  if (!inputs.ok) return inputs;
  begin(draft, { selection, isWhole, inputs: inputs.value });
  return undefined;
}

/** Refuses what needs a run that has ended or not started. */
export function underWay({ treeId, status }: RunState): RefusedOutcome {
  const next = status === 'running' ? 'Wait for its end' : 'Resume it and wait for its end';
  return refuse('run/already-running', `Tree ${treeId} ${inWords(status)}. ${next}, or cancel it first`, {
    data: { treeId },
  });
}

interface Beginning {
  readonly selection: readonly TaskState[];
  readonly isWhole: boolean;
  readonly inputs: JsonObject | undefined;
}

function begin(draft: Draft, { selection, isWhole, inputs }: Beginning): void {
  const { run } = draft;
  const ids = isWhole ? {} : { selection: selection.map((task) => task.id) };
  const common = { ...ids, ...(inputs === undefined ? {} : { inputs }), ...deadlineOf(draft) };
  const pending = selection.filter((task) => task.status === 'pending');
  if (run.status === 'created') {
    emit(draft, 'RunStarted', {
      data: { ...common, ...activate(draft, pending, (task) => task.scope.owner === undefined) },
    });
  } else {
    const reset = selection.filter((task) => task.group !== undefined && isTerminal(task.status));
    emit(draft, 'RunReopened', { data: { mode: 'selection', reset: reset.map((task) => task.id), ...common } });
    resume(draft, [...pending, ...reset]);
  }
}

/** Makes the tasks ready that can start in a run that was just opened again. */
export function resume(draft: Draft, pending: readonly TaskState[]): void {
  const { ready } = activate(draft, pending, isScopeOpen);
  draft.actor = undefined;
  for (const taskId of ready ?? []) emit(draft, 'TaskDue', { taskId, data: {} });
}

/** The end of the run's budget, if it has one. */
export function deadlineOf(draft: Draft): { deadlineAtMs?: number } {
  const { runTimeoutMs } = draft.run.policies;
  return runTimeoutMs === undefined || runTimeoutMs === 0 ? {} : { deadlineAtMs: draft.atMs + runTimeoutMs };
}

function settled(run: RunState, done: readonly TaskState[]): Refusal {
  const [task = run.root] = done;
  const what =
    task === run.root
      ? `The run of ${task.definition.name} ${inWords(run.status)}`
      : done
          .slice(0, NAMED_MAX)
          .map(({ id, definition, status }) => `${definition.name} (${id}) ${inWords(status)}`)
          .join(', ');
  return refuse('task/invalid-transition', `${what}. Use tasks.retry to open it again, or tasks.copy to run a copy`, {
    data: { taskId: task.id, status: task.status, hint: 'retry or copy' },
  });
}

function unsatisfied(tasks: readonly TaskState[], unmet: readonly TaskState[]): Refusal {
  const dead = unmet.flatMap((needed) =>
    needed.incoming.filter((edge) => edge.status === 'dead').map((edge) => edge.source),
  );
  const names = [...new Set(dead)].map(
    (source) => `${source.definition.name} (${source.id}) ${inWords(source.status)}`,
  );
  return refuse(
    'task/dependencies-unsatisfied',
    `${tasks
      .map(({ definition }) => definition.name)
      .slice(0, NAMED_MAX)
      .join(', ')} can not run: ${names.slice(0, NAMED_MAX).join(', ')}. Retry or copy those first`,
    {
      data: { taskId: tasks[0]?.id ?? '', unmet: [...new Set(dead)].map((source) => source.id) },
    },
  );
}

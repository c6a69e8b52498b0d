/** The end of a run: completion, failure with all unhandled failures (R-ER-02), cancellation, and the detection of no progress (R-SC-17). */
import type { TaskError } from '@coppice/extension';
import { isRunTerminal, isTerminal } from '../task/status.ts';
import { cancellationOf, cancelledBelow, findCancelled } from './cancelled.ts';
import { emit, type Draft } from './draft.ts';
import { compensationOf } from './compensation-result.ts';
import type { CompensationSummary, UnreadSignals } from './event.ts';
import { failuresOf, summarize, toleratedData, type Failures } from './failures.ts';
import { unreadSignals } from './inbox.ts';
import { outputsOf, resultData } from './result.ts';
import { runEndedBy, timedOut } from './run-budget.ts';
import type { RunState, TaskState } from './state.ts';

/** Ends a run after the last member of its scope. An unhandled failure wins over a cancelled task: the run has failed then. */
export function finishRun(draft: Draft): void {
  const { run } = draft;
  const ending = draft.ending ?? notedEnding(run);
  if (isRunTerminal(run.status) || run.status === 'created') return;
  if (ending !== undefined && 'cancelled' in ending) {
    draft.actor = ending.by;
    emit(draft, 'RunCancelled', {
      data: { reason: ending.cancelled, ...compensationData(run), ...unreadData(run), ...resultData(draft) },
    });
    draft.actor = undefined;
    return;
  }
  const failures = failuresOf(run);
  const { unhandled } = failures;
  if (ending !== undefined || unhandled.length > 0) {
    failRun(draft, ending?.failed ?? failureOf(unhandled), failures);
    return;
  }
  const cancelled = findCancelled(run, run.scope);
  if (cancelled === undefined) completeRun(draft, failures);
  else
    emit(draft, 'RunCancelled', {
      data: {
        reason: { code: 'user', message: cancelledBelow(cancelled) },
        ...compensationData(run),
        ...unreadData(run),
        ...resultData(draft),
      },
    });
}

/** How the run ends that had to clean up before. */
function notedEnding(run: RunState): Draft['ending'] {
  const scope = run.root.group ?? run.scope;
  const noted = cancellationOf(scope);
  if (noted === undefined) return scope.closing?.failed === undefined ? undefined : { failed: scope.closing.failed };
  const { by, ...reason } = noted;
  return reason.code === 'runTimeout' ? { failed: timedOut(run) } : { cancelled: reason, by };
}

/** Completes a run with its outputs. They may turn out to be impossible only now: then the run has failed. */
function completeRun(draft: Draft, failures: Failures): void {
  const outputs = outputsOf(draft);
  if ('fault' in outputs) failRun(draft, outputs.fault, failures);
  else
    emit(draft, 'RunCompleted', {
      data: { ...toleratedData(failures), ...unreadData(draft.run), ...resultData(draft, outputs.outputs) },
    });
}

function failRun(draft: Draft, error: TaskError, failures: Failures): void {
  const { unhandled } = failures;
  emit(draft, 'RunFailed', {
    data: {
      error,
      failures: summarize(draft.run, unhandled),
      failureCount: unhandled.length,
      ...compensationData(draft.run),
      ...toleratedData(failures),
      ...unreadData(draft.run),
      ...resultData(draft),
    },
  });
}

function compensationData(run: RunState): { readonly compensation?: CompensationSummary } {
  const compensation = run.compensation === undefined ? undefined : compensationOf(run.tasks);
  return compensation === undefined ? {} : { compensation };
}

/** Signals that the end names. */
const UNREAD_NAMED_MAX = 10;

/** Signals that came for nobody, as part of the event that ends a run. */
export function unreadData({ inbox }: RunState): { readonly unread?: UnreadSignals } {
  if (inbox === undefined) return {};
  const unread = unreadSignals(inbox);
  if (unread.length === 0) return {};
  const first = unread.slice(0, UNREAD_NAMED_MAX).map(({ seq, name }) => ({ signal: seq, name }));
  return { unread: { count: unread.length, first } };
}

/** Fails a run that has open tasks and can not go on. The graph has no cycles, so this is a fault of Coppice, which people must see. */
export function failWithoutProgress(draft: Draft): void {
  const { run } = draft;
  const { counts } = run;
  if (run.status !== 'running' || run.executing + counts.ready + counts.waiting > 0) return;
  if (run.compensation !== undefined && run.compensation.open > 0) return;
  const stuck = run.tasks.filter((task) => task.selected && !isTerminal(task.status));
  const error: TaskError = {
    code: 'run/no-progress',
    message: `Nothing can start any more, and ${stuck.length} tasks have not ended: ${stuck.slice(0, 5).map(describe).join('; ')}`,
    retryable: false,
    data: { tasks: stuck.slice(0, 100).map((task) => task.id) },
  };
  failRun(draft, error, failuresOf(run));
}

function describe(task: TaskState): string {
  const unmet = task.incoming.filter((edge) => edge.status === 'open').map((edge) => edge.source.definition.name);
  return unmet.length === 0
    ? task.definition.name
    : `${task.definition.name} waits for ${unmet.slice(0, 3).join(', ')}`;
}

function failureOf(failed: readonly TaskState[]): TaskError {
  const fatal = failed.find(({ error }) => error?.fatal === true);
  if (fatal !== undefined) return runEndedBy(fatal, fatal.error as TaskError);
  const names = failed.slice(0, 3).map((task) => task.definition.name);
  const more = failed.length > 3 ? ` and ${failed.length - 3} more` : '';
  return {
    code: 'run/failed',
    message: `${failed.length === 1 ? 'A task' : `${failed.length} tasks`} failed: ${names.join(', ')}${more}. See the failures, mend the cause, and retry from failure or copy`,
    retryable: false,
  };
}

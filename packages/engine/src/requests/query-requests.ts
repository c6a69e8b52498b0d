/** Requests that only read. */
import {
  isAttemptRunning,
  refuse,
  TransientError,
  type Outcome,
  type RunState,
  type TaskId,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import type { Attempt, Engine, FailurePage, Health, RunningTask } from '../engine.ts';
import type { Explanation } from '../explanation.ts';
import type { GroupProgress, RunFigures } from '../shown-run.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import { nextTurn } from '../next-turn.ts';
import { QuarantineError, unlessQuarantined } from '../quarantine.ts';
import { isLogFault } from '../run-reader.ts';
import { allGroupsOf, groupsOf, progressOf, progressOfRecord } from '../progress.ts';
import { AttemptFold } from './attempts.ts';
import { explain } from './explain.ts';
import { figuresOf } from './figures.ts';
import { failurePage } from './failures.ts';
import { graphOf } from './graph.ts';
import { diffOf, timesOf } from './history.ts';
import { previewAction } from './preview.ts';
import { notFound } from './run-requests.ts';

const UNAVAILABLE = 'storage/unavailable';

type QueryRequests = Pick<
  Engine,
  | 'graph'
  | 'times'
  | 'diff'
  | 'figures'
  | 'groups'
  | 'preview'
  | 'explain'
  | 'attempts'
  | 'failures'
  | 'events'
  | 'running'
  | 'progress'
  | 'health'
  | 'gates'
>;

export function createQueryRequests(parts: EngineParts): QueryRequests {
  const { kernel, loader, store } = parts;
  return {
    async explain(taskId) {
      const treeId = await loader.findTreeOf(taskId);
      if (treeId === undefined) return notFound(taskId);
      try {
        const explanation = await loader.withRun(treeId, ({ state }) => explainOf(parts, state, taskId));
        return explanation === undefined ? notFound(taskId) : { ok: true, value: explanation };
      } catch (error) {
        if (!(error instanceof QuarantineError)) throw error;
        const task = await store.findTask(taskId);
        if (task === undefined) return notFound(taskId);
        return { ok: true, value: { taskId, status: task.status, summary: error.message, blockedBy: [], limits: [] } };
      }
    },
    graph: (treeId, query) => shown(parts, treeId, () => graphOf(parts, treeId, query)),
    times: (treeId, query) => shown(parts, treeId, () => timesOf(parts, treeId, query)),
    diff: (treeId, query) => shown(parts, treeId, () => diffOf(parts, treeId, query)),
    preview: (treeId, action) => previewAction(parts, treeId, action),
    async attempts(taskId) {
      const treeId = await loader.findTreeOf(taskId);
      if (treeId === undefined) return notFound(taskId);
      return readAttempts(parts, treeId, taskId);
    },
    async failures(treeId, query) {
      const page = await unlessQuarantined(() =>
        loader.withRun(treeId, ({ state }): Outcome<FailurePage> => ({ ok: true, value: failurePage(state, query) })),
      );
      return page ?? notFound(treeId);
    },
    events: (treeId, { afterSeq, limit }) => fromLog(parts, treeId, () => store.readEvents(treeId, afterSeq, limit)),
    running: () => kernel.loadedRuns.list().flatMap(runningTasks),
    async progress(treeId) {
      const loadedRun = kernel.loadedRuns.find(treeId);
      if (loadedRun !== undefined && loadedRun.isDurable)
        return progressOf(loadedRun.state, parts.estimates.estimate(loadedRun.state));
      const tree = await store.findTree(treeId);
      return tree === undefined ? undefined : progressOfRecord(tree);
    },
    async figures(treeId, groups) {
      const figures = await unlessQuarantined(() =>
        loader.withRun(treeId, ({ state }): Outcome<RunFigures> => {
          const found = figuresOf(state, parts.estimates, parts.clock.nowMs());
          if (groups === undefined) return { ok: true, value: found };
          return { ok: true, value: { ...found, progress: { ...found.progress, groups: groupsOf(state, groups) } } };
        }),
      );
      return figures ?? notFound(treeId);
    },
    async groups(treeId, taskIds) {
      const groups = await unlessQuarantined(() =>
        loader.withRun(treeId, ({ state }): Outcome<readonly GroupProgress[]> => {
          return { ok: true, value: taskIds === 'all' ? allGroupsOf(state) : groupsOf(state, taskIds) };
        }),
      );
      return groups ?? notFound(treeId);
    },
    health: () => healthOf(parts),
    gates: () => kernel.admission.uses(),
  };
}

/** What is worked out from the log of a run. */
async function shown<T extends object>(
  parts: EngineParts,
  treeId: TreeId,
  workOut: () => Promise<T | undefined>,
): Promise<Outcome<T>> {
  const found = await fromLog(parts, treeId, () =>
    unlessQuarantined(async () => {
      const value = await workOut();
      return value === undefined ? undefined : ({ ok: true, value } as const);
    }),
  );
  return found.ok ? (found.value ?? notFound(treeId)) : found;
}

async function healthOf(parts: EngineParts): Promise<Health> {
  const { kernel, quarantine, clock } = parts;
  const { storeError, lastCommitAtMs } = kernel.commits;
  const unread = await pinged(parts);
  const loadedRuns = kernel.loadedRuns.list();
  const error = storeError ?? unread?.message ?? null;
  const isWhole = error === null && quarantine.list().length === 0 && quarantine.cutLogs.length === 0;
  return {
    status: kernel.hasFailed ? 'failed' : isWhole ? 'ok' : 'degraded',
    live: true,
    ready: error === null && !kernel.hasFailed,
    activeRuns: loadedRuns.filter(({ state }) => state.status === 'running').length,
    pausedRuns: loadedRuns.filter(({ state }) => state.status === 'pausing' || state.status === 'paused').length,
    holdCount: kernel.engineState.holds.size,
    runningTasks: loadedRuns.reduce((sum, { state }) => sum + state.executing, 0),
    readyTasks: loadedRuns.reduce((sum, { state }) => sum + state.counts.ready, 0),
    lastCommitAgeMs: lastCommitAtMs === null ? null : Math.max(clock.nowMs() - lastCommitAtMs, 0),
    storeError: error,
    storeErrorCode: unread?.code ?? (error === null ? null : UNAVAILABLE),
    quarantined: quarantine.list(),
    cutLogs: quarantine.cutLogs,
  };
}

async function readAttempts(parts: EngineParts, treeId: TreeId, taskId: TaskId): Promise<Outcome<readonly Attempt[]>> {
  const attempts = new AttemptFold();
  let afterSeq: number | undefined = 0;
  while (afterSeq !== undefined) {
    const from: number = afterSeq;
    if (from > 0) await nextTurn(parts.clock);
    const page = await fromLog(parts, treeId, () => parts.store.readTaskEvents(treeId, taskId, from));
    if (!page.ok) return page;
    for (const event of page.value.events) attempts.add(event);
    afterSeq = page.value.nextAfterSeq;
  }
  return { ok: true, value: attempts.list() };
}

/** Reads a stored log. A log that can not be read sets its run aside, unless the run is loaded and so goes on from memory. */
async function fromLog<T>({ loader }: EngineParts, treeId: TreeId, read: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (!(error instanceof Error) || !isLogFault(error)) throw error;
    const refused = await unlessQuarantined(() => loader.withRun(treeId, () => undefined));
    return refused ?? refuse('storage/unreadable', `The log can not be read. ${error.message}`, { data: { treeId } });
  }
}

/** Undefined when the store answers, else its fault. A fault that does not pass stops the engine. */
async function pinged({
  store,
  kernel,
}: EngineParts): Promise<{ readonly code: string; readonly message: string } | undefined> {
  try {
    await store.ping();
    return undefined;
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    const isPassing = TransientError.is(error) || code === 'storage/closed';
    if (!isPassing) kernel.fail(error);
    return {
      code: isPassing || typeof code !== 'string' || !code.startsWith('storage/') ? UNAVAILABLE : code,
      message: String(message),
    };
  }
}

/** Tasks whose executor is at work, as far as the run still counts on it. */
function runningTasks({ state, attempts }: LoadedRun): readonly RunningTask[] {
  const found: RunningTask[] = [];
  for (const { taskId, attempt } of attempts) {
    const task = state.byId.get(taskId);
    if (isAttemptRunning(task, attempt)) found.push(runningTask(state, task));
  }
  return found;
}

function runningTask(run: RunState, task: TaskState): RunningTask {
  return {
    taskId: task.id,
    treeId: run.treeId,
    name: task.definition.name,
    executor: task.definition.executor as string,
    userId: run.userId,
    attempt: task.attempt,
    startedAtMs: task.startedAtMs as number,
    progress: task.progress ?? null,
    progressMessage: task.progressMessage ?? null,
  };
}

function explainOf({ kernel, clock }: EngineParts, run: RunState, taskId: TaskId): Explanation | undefined {
  const { admission, gates, engineState } = kernel;
  const task = run.byId.get(taskId);
  if (task === undefined) return undefined;
  const explanation = explain(run, task, { admission, gates, engineState, nowMs: clock.nowMs() });
  const attempt = kernel.loadedRuns.find(run.treeId)?.findAttempt(task);
  if (attempt?.isAbandoned !== true) return explanation;
  const text = `attempt ${attempt.attempt} was told to stop and is abandoned: its executor still works, and its result changes nothing`;
  return { ...explanation, summary: `${explanation.summary}; ${text}` };
}

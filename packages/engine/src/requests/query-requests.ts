/** Requests that only read. */
import type { Outcome, RunState, TaskId } from '@coppice/core';
import type { Engine, Explanation, RunningTask } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { isDurable } from '../kernel/hosted-run.ts';
import { unlessQuarantined } from '../quarantine.ts';
import { progressOf, progressOfRecord, runningTasksOf } from '../progress.ts';
import { attemptsOf } from './attempts.ts';
import { explain } from './explain.ts';
import { failurePage } from './failures.ts';
import { notFound } from './run-requests.ts';

const PAGE = 10_000;

type QueryRequests = Pick<Engine, 'explain' | 'attempts' | 'failures' | 'running' | 'progress' | 'health' | 'gates'>;

export function createQueryRequests(parts: EngineParts): QueryRequests {
  const { kernel, loader, store, clock } = parts;
  return {
    async explain(taskId) {
      const treeId = await loader.findTreeOf(taskId);
      if (treeId === undefined) return notFound(taskId);
      const explained = await unlessQuarantined(() =>
        loader.withRun(treeId, ({ state }): Outcome<Explanation> => {
          const task = state.byId.get(taskId);
          if (task === undefined) return notFound(taskId);
          return { ok: true, value: explain(state, task, kernel.admission) };
        }),
      );
      return explained ?? notFound(taskId);
    },
    async attempts(taskId) {
      const treeId = await loader.findTreeOf(taskId);
      if (treeId === undefined) return notFound(taskId);
      const events = [];
      for (
        let page = await store.readEvents(treeId, 0, PAGE);
        page.length > 0;
        page = await store.readEvents(treeId, page.at(-1)?.seq ?? 0, PAGE)
      ) {
        for (const event of page) if (event.taskId === taskId) events.push(event);
      }
      return { ok: true, value: attemptsOf(taskId, events) };
    },
    async failures(treeId, query) {
      const page = await loader.withRun(treeId, ({ state }) => failurePage(state, query));
      return page === undefined ? notFound(treeId) : { ok: true, value: page };
    },
    running: () =>
      kernel.hosts.list().flatMap(({ state }) => runningTasksOf(state).map((task) => runningTask(state, task.id))),
    async progress(treeId) {
      const host = kernel.hosts.find(treeId);
      if (host !== undefined && isDurable(host)) return progressOf(host.state, parts.estimates.estimate(host.state));
      const tree = await store.findTree(treeId);
      return tree === undefined ? undefined : progressOfRecord(tree);
    },
    async health() {
      const { storeError, lastCommitAtMs } = kernel.commits;
      const readError = await store.ping().then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const hosts = kernel.hosts.list();
      const error = storeError ?? readError;
      return {
        status: kernel.hasFailed ? 'failed' : error === null ? 'ok' : 'degraded',
        live: true,
        ready: error === null && !kernel.hasFailed,
        activeRuns: hosts.filter(({ state }) => state.status === 'running').length,
        runningTasks: kernel.runningTasks,
        readyTasks: hosts.reduce((sum, { state }) => sum + state.counts.ready, 0),
        lastCommitAgeMs: lastCommitAtMs === null ? null : Math.max(clock.nowMs() - lastCommitAtMs, 0),
        storeError: error,
      };
    },
    gates: () => kernel.gates(),
  };
}

function runningTask(run: RunState, taskId: TaskId): RunningTask {
  const task = run.byId.get(taskId) as NonNullable<ReturnType<RunState['byId']['get']>>;
  return {
    taskId,
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

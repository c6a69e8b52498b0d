/** Reports of running attempts: progress, signs of life, recorded calls. */
import type { Clock, Decision, RunCommand, TreeId } from '@coppice/core';
import { AbortReason } from './abort-reason.ts';
import type { AttemptServices, RunningAttempt } from './attempt.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import type { LogWriter } from '../logs/log-writer.ts';
import type { LoadedRun } from './loaded-run.ts';
import { ProgressReports } from './progress-reports.ts';

export interface AttemptReportsOptions {
  readonly clock: Clock;
  readonly baseDir: AttemptServices['baseDir'];
  readonly env: AttemptServices['env'];
  readonly logs: LogWriter;
  /** Finds a loaded run. For progress it answers undefined once the engine stops. */
  readonly findRun: (treeId: TreeId) => LoadedRun | undefined;
  readonly isOver: () => boolean;
  readonly submit: (loadedRun: LoadedRun, command: RunCommand) => Decision;
  readonly commits: CommitQueue;
}

export function createAttemptReports(options: AttemptReportsOptions): DispatcherOptions['services'] {
  const { clock, baseDir, env, logs, findRun, isOver, submit, commits } = options;
  const reports = new ProgressReports(clock, ({ treeId, taskId, attempt }, report) => {
    const loadedRun = findRun(treeId);
    if (loadedRun !== undefined && !isOver()) submit(loadedRun, { type: 'progress', taskId, attempt, ...report });
  });
  const isAlive = (attempt: RunningAttempt): void => {
    attempt.aliveAtMs = clock.nowMs();
  };
  return {
    baseDir,
    env,
    nowMs: () => clock.nowMs(),
    log: (attempt) => logs.open({ treeId: attempt.treeId, taskId: attempt.taskId, attempt: attempt.attempt }),
    progress: (attempt, fraction, message) => {
      isAlive(attempt);
      if (!attempt.isAborted) reports.add(attempt, { fraction, message });
    },
    heartbeat: isAlive,
    record: async ({ treeId, taskId, attempt }, call) => {
      const loadedRun = findRun(treeId);
      const decision =
        loadedRun === undefined ? undefined : submit(loadedRun, { type: 'record', taskId, attempt, ...call });
      const isLost = decision?.ok !== true || (await commits.committed(loadedRun)) !== undefined;
      if (isLost) throw new AbortReason('cancelled', `Attempt ${attempt} has ended`);
    },
  };
}

/** What attempts report while they run: progress, signs of life, recorded calls. */
import type { Clock, Decision, RunCommand, TreeId } from '@coppice/core';
import { AbortReason } from './abort-reason.ts';
import type { AttemptHost, RunningAttempt } from './attempt.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import type { HostedRun } from './hosted-run.ts';
import { ProgressReports } from './progress-reports.ts';

export interface AttemptReportsOptions {
  readonly clock: Clock;
  readonly baseDir: AttemptHost['baseDir'];
  readonly env: AttemptHost['env'];
  /** The run in memory; for progress undefined once the engine stops. */
  readonly findHost: (treeId: TreeId) => HostedRun | undefined;
  readonly isOver: () => boolean;
  readonly submit: (host: HostedRun, command: RunCommand) => Decision;
  readonly commits: CommitQueue;
}

export function createAttemptReports(options: AttemptReportsOptions): DispatcherOptions['host'] {
  const { clock, baseDir, env, findHost, isOver, submit, commits } = options;
  const reports = new ProgressReports(clock, ({ treeId, taskId, attempt }, report) => {
    const host = findHost(treeId);
    if (host !== undefined && !isOver()) submit(host, { type: 'progress', taskId, attempt, ...report });
  });
  const isAlive = (attempt: RunningAttempt): void => {
    attempt.aliveAtMs = clock.nowMs();
  };
  return {
    baseDir,
    env,
    nowMs: () => clock.nowMs(),
    progress: (attempt, fraction, message) => {
      isAlive(attempt);
      if (!attempt.isAborted) reports.add(attempt, { fraction, message });
    },
    heartbeat: isAlive,
    record: async ({ treeId, taskId, attempt }, call) => {
      const host = findHost(treeId);
      const decision = host === undefined ? undefined : submit(host, { type: 'record', taskId, attempt, ...call });
      const isLost = decision?.ok !== true || (await commits.committed(host)) !== undefined;
      if (isLost) throw new AbortReason('cancelled', `Attempt ${attempt} has ended`);
    },
  };
}

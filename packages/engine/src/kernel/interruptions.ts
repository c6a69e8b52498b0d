/**
 * Attempts that end because their process ends, or has ended.
 *
 * Of an attempt that a killed process left open something may still run outside. An executor that can end it (`reclaim`) is asked to
 * first; until it has, the attempt stays open and keeps its places, so that no limit is exceeded and nothing runs twice at once.
 */
import type { RunCommand, TaskId, TaskState } from '@coppice/core';
import { runningTasksOf } from '../progress.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import type { RunningAttempt } from './attempt.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { LoadedRun } from './loaded-run.ts';

export interface InterruptionsOptions {
  readonly registry: ExtensionRegistry;
  readonly dispatcher: Dispatcher;
  /** Decides a command, unless the engine has stopped meanwhile. */
  readonly submit: (loadedRun: LoadedRun, command: RunCommand) => void;
  /** An executor has let go of an attempt. */
  readonly onEnded: (loadedRun: LoadedRun) => void;
}

interface OpenAttempt {
  readonly taskId: TaskId;
  readonly attempt: number;
}

export class Interruptions {
  readonly #options: InterruptionsOptions;

  constructor(options: InterruptionsOptions) {
    this.#options = options;
  }

  /** The engine stops: whatever runs will be tried again. */
  interruptAll(loadedRun: LoadedRun): void {
    this.#interrupt(loadedRun, 'shutdown');
  }

  /** What a killed process left open: each attempt at once, or when its executor has ended what still runs of it. */
  interruptLeft(loadedRun: LoadedRun): void {
    const atOnce: OpenAttempt[] = [];
    for (const task of runningTasksOf(loadedRun.state)) {
      const open = { taskId: task.id, attempt: task.attempt };
      const reclaiming = this.reclaim(loadedRun, task, () => this.#interrupt(loadedRun, 'crash', [open]));
      if (reclaiming === undefined) atOnce.push(open);
    }
    this.#interrupt(loadedRun, 'crash', atOnce);
  }

  /** Has the executor end what still runs of an attempt that nobody has in hand; undefined: it has no way to. */
  reclaim(loadedRun: LoadedRun, task: TaskState, onEnd?: () => void): RunningAttempt | undefined {
    return this.#options.dispatcher.reclaim(loadedRun, task, () => {
      onEnd?.();
      this.#options.onEnded(loadedRun);
    });
  }

  #interrupt(loadedRun: LoadedRun, reason: 'crash' | 'shutdown', attempts?: readonly OpenAttempt[]): void {
    const { registry, submit } = this.#options;
    const failing = registry.listExecutors().flatMap(({ onCrash, type }) => (onCrash === 'fail' ? [type] : []));
    submit(loadedRun, { type: 'interrupt', reason, failing, attempts });
  }
}

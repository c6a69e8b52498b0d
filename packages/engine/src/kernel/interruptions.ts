/**
 * Interrupts attempts whose process ends or has ended.
 *
 * When a process was killed, the work of its attempts may still go on outside, for example in a program. An executor with `reclaim` is
 * asked to end this work first. Until then the attempt stays open and keeps its places, so that no limit is exceeded and no work runs twice.
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
  /** Called when an executor has ended the work of an attempt. */
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

  /** Types of executors that do not allow another try after an interruption. */
  get failing(): readonly string[] {
    const { registry } = this.#options;
    return registry.listExecutors().flatMap(({ onCrash, type }) => (onCrash === 'fail' ? [type] : []));
  }

  /** Interrupts all running attempts, because the engine stops. They will be tried again. */
  interruptAll(loadedRun: LoadedRun): void {
    this.#interrupt(loadedRun, 'shutdown');
  }

  /** Interrupts attempts that a killed process left open: at once, or when the executor has ended their work. */
  interruptLeft(loadedRun: LoadedRun): void {
    const atOnce: OpenAttempt[] = [];
    for (const task of runningTasksOf(loadedRun.state)) {
      const open = { taskId: task.id, attempt: task.attempt };
      const reclaiming = this.reclaim(loadedRun, task, () => this.#interrupt(loadedRun, 'crash', [open]));
      if (reclaiming === undefined) atOnce.push(open);
    }
    this.#interrupt(loadedRun, 'crash', atOnce);
  }

  /** Asks the executor to end the work of an attempt that this process did not start; undefined: the executor can not do that. */
  reclaim(loadedRun: LoadedRun, task: TaskState, onEnd?: () => void): RunningAttempt | undefined {
    return this.#options.dispatcher.reclaim(loadedRun, task, () => {
      onEnd?.();
      this.#options.onEnded(loadedRun);
    });
  }

  #interrupt(loadedRun: LoadedRun, reason: 'crash' | 'shutdown', attempts?: readonly OpenAttempt[]): void {
    this.#options.submit(loadedRun, { type: 'interrupt', reason, failing: this.failing, attempts });
  }
}

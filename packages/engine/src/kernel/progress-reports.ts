/** Progress reports of attempts: at most one event per attempt and interval. The last report is never lost. */
import type { Clock } from '@coppice/core';
import type { RunningAttempt } from './attempt.ts';
import { runUnowned } from './code-owner.ts';

/** Least time between two progress events of one attempt, ms. */
const INTERVAL_MS = 250;

/** A progress report of an attempt. */
export interface ProgressReport {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string | undefined;
}

export class ProgressReports {
  readonly #clock: Clock;
  readonly #submit: (attempt: RunningAttempt, report: ProgressReport) => void;
  /** Reports that wait for their interval to end. */
  readonly #waiting = new Map<RunningAttempt, ProgressReport>();

  constructor(clock: Clock, submit: (attempt: RunningAttempt, report: ProgressReport) => void) {
    this.#clock = clock;
    this.#submit = submit;
  }

  add(attempt: RunningAttempt, { fraction, message }: ProgressReport): void {
    const waiting = this.#waiting.get(attempt);
    const dueInMs = attempt.progressSentAtMs + INTERVAL_MS - this.#clock.nowMs();
    if (waiting !== undefined || dueInMs > 0) {
      this.#waiting.set(attempt, { fraction, message: message ?? waiting?.message });
      if (waiting === undefined) runUnowned(() => void this.#clock.setTimer(dueInMs, () => this.#sendWaiting(attempt)));
    } else this.#send(attempt, { fraction, message });
  }

  #sendWaiting(attempt: RunningAttempt): void {
    const report = this.#waiting.get(attempt);
    this.#waiting.delete(attempt);
    if (report !== undefined) this.#send(attempt, report);
  }

  #send(attempt: RunningAttempt, report: ProgressReport): void {
    attempt.progressSentAtMs = this.#clock.nowMs();
    this.#submit(attempt, report);
  }
}

/** Due times are absolute, waiting is monotonic (R-TO-10). */
import { VirtualClock } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';
import { createCelExpressions } from './expressions/cel-expressions.ts';
import type { LoadedRun } from './kernel/loaded-run.ts';
import { RunTimers } from './kernel/run-timers.ts';
import type { RunningAttempt } from './kernel/attempt.ts';
import { Turn } from './kernel/turn.ts';
import { Timers } from './timers.ts';

class Desk {
  readonly clock = new VirtualClock(1_000_000);
  readonly timers = new Timers(this.clock);
  readonly fired: string[] = [];

  add(afterMs: number, name: string) {
    return this.timers.add(this.clock.nowMs() + afterMs, () =>
      this.fired.push(`${name} after ${this.clock.elapsedMs}`),
    );
  }

  run(): string[] {
    while (this.clock.step());
    return this.fired;
  }
}

describe('timers', () => {
  it('fire at their due times, in order, equal ones in the order of the calls', () => {
    const desk = new Desk();
    desk.add(30, 'c');
    desk.add(10, 'a');
    desk.add(10, 'b');
    desk.add(-5, 'overdue');
    expect(desk.run()).toEqual(['overdue after 0', 'a after 10', 'b after 10', 'c after 30']);
  });

  it('do not fire when cancelled, not even twice; firing and then cancelling is harmless', () => {
    const desk = new Desk();
    const a = desk.add(10, 'a');
    const b = desk.add(10, 'b');
    desk.timers.cancel(a);
    desk.timers.cancel(a);
    expect(desk.run()).toEqual(['b after 10']);
    desk.timers.cancel(b);
  });

  it('R-TO-10 wait the same real time when the clock is set back or forward, also with others added after it', () => {
    for (const jumpMs of [-500_000, 500_000]) {
      const desk = new Desk();
      desk.add(100, 'before');
      desk.clock.setTimer(50, () => {
        desk.clock.jump(jumpMs);
        desk.add(10, 'after');
      });
      expect(desk.run()).toEqual(['after after 60', 'before after 100']);
    }
  });

  it('wait for longer than one timer of the clock can', () => {
    const desk = new Desk();
    const longMs = 2 ** 31 + 5;
    const { clock } = desk;
    const limited = new Timers({
      nowMs: () => clock.nowMs(),
      defer: (callback) => clock.defer(callback),
      setTimer: (delayMs, callback) => clock.setTimer(Math.min(delayMs, 2 ** 31 - 1), callback),
    });
    limited.add(clock.nowMs() + longMs, () => desk.fired.push(`late after ${clock.elapsedMs}`));
    expect(desk.run()).toEqual([`late after ${longMs}`]);
  });

  it('never fire once stopped', () => {
    const desk = new Desk();
    desk.add(10, 'a');
    desk.timers.stop();
    desk.add(10, 'b');
    expect(desk.run()).toEqual([]);
  });
});

describe('a missing heartbeat', () => {
  function watched(): {
    readonly clock: VirtualClock;
    readonly attempt: { aliveAtMs: number };
    readonly failed: number[];
  } {
    const clock = new VirtualClock(1_000_000);
    const failed: number[] = [];
    const turn = new Turn(clock, createCelExpressions(), () => {});
    const timers = new RunTimers(clock, turn, {
      submit: () => failed.push(clock.elapsedMs),
      fullGate: () => undefined,
    });
    const attempt = { taskId: 't', attempt: 1, aliveAtMs: clock.nowMs() };
    const loadedRun = { findAttempt: () => attempt };
    timers.watchHeartbeat(loadedRun as unknown as LoadedRun, attempt as unknown as RunningAttempt, 100);
    return { clock, attempt, failed };
  }

  it('fails the attempt one limit after the last sign of life', () => {
    const { clock, attempt, failed } = watched();
    clock.setTimer(90, () => (attempt.aliveAtMs = clock.nowMs()));
    while (clock.step());
    expect(failed).toEqual([190]);
  });

  it('R-TO-10 is not seen where there is one, when the clock is set back', () => {
    const { clock, attempt, failed } = watched();
    clock.setTimer(80, () => {
      clock.jump(-10_000);
      attempt.aliveAtMs = clock.nowMs();
    });
    while (clock.step());
    expect(failed).toEqual([180]);
  });
});

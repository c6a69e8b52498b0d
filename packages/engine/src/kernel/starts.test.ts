/** Tasks start at the time that a gate names, by the monotonic clock. No limit makes such a gate; this one is the test's own. */
import {
  Admission,
  type Gate,
  type GateSource,
  type RunCommand,
  type RunEvent,
  type RunState,
  type TaskState,
} from '@coppice/core';
import { VirtualClock } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';
import { createCelExpressions } from '../expressions/cel-expressions.ts';
import { Starts } from './starts.ts';
import { Turn } from './turn.ts';

/** One start, then one every second. */
class OneEachSecond implements Gate {
  readonly name = 'rate:work';
  readonly limit = 1;
  readonly used = 0;
  nextAtMs = -Infinity;

  free(nowMs: number): number {
    return nowMs >= this.nextAtMs ? 1 : 0;
  }

  freeAtMs(): number {
    return this.nextAtMs;
  }

  take(_amount: number, nowMs: number): void {
    this.nextAtMs = nowMs + 1_000;
  }

  adopt(): void {}

  giveBack(): void {}
}

/** Counts the timers that are set. */
class CountingClock extends VirtualClock {
  timers = 0;

  override setTimer(delayMs: number, callback: () => void): () => void {
    this.timers++;
    return super.setTimer(delayMs, callback);
  }
}

class Desk {
  readonly clock = new CountingClock(1_000_000);
  readonly gate = new OneEachSecond();
  readonly started: string[] = [];
  readonly starts: Starts;
  readonly #admission: Admission;
  readonly #run = { treeId: 'tree', byId: new Map(), status: 'running' } as unknown as RunState;

  constructor(taskCount: number) {
    const set = [{ gate: this.gate, amount: 1 }];
    const gates: GateSource = {
      global: undefined,
      heldByRun: () => [],
      ofTree: () => [],
      ofGroup: () => [],
      ofTask: () => set,
      closedTo: () => undefined,
      keyOf: () => 'work',
      weightOf: () => 1,
      keep: () => undefined,
      forget: () => undefined,
    };
    this.#admission = new Admission({ gates, ageingMs: 10_000 });
    this.starts = new Starts({
      admission: this.#admission,
      turn: new Turn(this.clock, createCelExpressions(), () => {}),
      clock: this.clock,
      onDue: () => this.starts.admit(),
      onReserved: () => {},
      reportOf: () => undefined,
      submit: (run, command) => {
        const { taskIds } = command as Extract<RunCommand, { readonly type: 'start' }>;
        for (const id of taskIds) {
          (run.byId.get(id) as TaskState).status = 'running';
          this.started.push(`${id} after ${this.clock.elapsedMs}`);
        }
        return { ok: true, value: taskIds.map(() => ({ type: 'TaskStarted' }) as RunEvent) };
      },
    });
    for (let position = 0; position < taskCount; position++) {
      const task = {
        id: `t${position}`,
        status: 'ready',
        position,
        scope: {},
        definition: { executor: 'work', priority: 2 },
      };
      this.#run.byId.set(task.id as never, task as never);
      this.#admission.enqueue(this.#run, task as never, this.clock.nowMs());
    }
  }

  runToEnd(): string[] {
    while (this.clock.step());
    return this.started;
  }
}

describe('starts at a time that a gate names', () => {
  it('come at that time, without anything else that happens', () => {
    const desk = new Desk(3);
    desk.starts.admit();
    expect(desk.started).toEqual(['t0 after 0']);
    expect(desk.runToEnd()).toEqual(['t0 after 0', 't1 after 1000', 't2 after 2000']);
  });

  it('set one timer, however often admission is asked meanwhile', () => {
    const desk = new Desk(2);
    for (let time = 0; time < 5; time++) desk.starts.admit();
    expect(desk.clock.timers).toBe(1);
  });

  it('come in time when the wall clock is set back', () => {
    const desk = new Desk(2);
    desk.starts.admit();
    desk.clock.jump(-3_600_000);
    expect(desk.runToEnd()).toEqual(['t0 after 0', 't1 after 1000']);
  });

  it('do not come once they are stopped', () => {
    const desk = new Desk(2);
    desk.starts.admit();
    desk.starts.stop();
    expect(desk.runToEnd()).toEqual(['t0 after 0']);
  });
});

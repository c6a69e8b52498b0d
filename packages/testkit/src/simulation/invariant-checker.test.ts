/** Each check of the simulation is shown a planted fault. */
import {
  appendOf,
  create,
  decide,
  DEFAULTS,
  type DecideContext,
  type TreeAppend,
  type RunEvent,
  type RunState,
  type TaskDefinition,
  type TaskId,
} from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { InvariantChecker } from './invariant-checker.ts';
import { checkRows } from './projection-check.ts';
import { plainContext } from '../plain-context.ts';

const context: DecideContext = plainContext({
  nowMs: 1_000,
  expressions: { check: () => undefined, reads: () => [], evaluate: () => null },
});

const id = (text: string) => text as TaskId;

function task(name: string, more: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    ...DEFAULTS,
    id: id(name),
    key: name,
    name,
    parentId: id('root'),
    executor: 'work',
    ...more,
  };
}

/** A run of three tasks, two of them independent, and its events one by one. */
class Log {
  readonly run: RunState;
  readonly events: RunEvent[];

  constructor(concurrency = 0, ofRoot: Partial<TaskDefinition> = {}) {
    const { parentId: _none, executor: _group, ...root } = task('root', { kind: 'group', ...ofRoot });
    const b = task('b', {
      dependencies: [{ task: id('a'), ref: 'a', required: true, on: ['success'], enabled: true }],
    });
    const tasks = [root, task('a'), b, task('c')];
    const definition = { treeId: id('root'), tasks, inputs: {}, variables: {}, policies: { concurrency } };
    const { run, event } = create({ definition, userId: 'ann', seed: 's' }, context);
    this.run = run;
    this.events = [event];
  }

  decide(...commands: Parameters<typeof decide>[1][]): this {
    for (const command of commands) {
      const decision = decide(this.run, command, context);
      if (!decision.ok) throw new Error(decision.rejection.message);
      this.events.push(...decision.value);
    }
    return this;
  }

  start(...ids: string[]): this {
    return this.decide({ type: 'start', taskIds: ids.map(id) });
  }

  complete(name: string): this {
    return this.decide({ type: 'complete', taskId: id(name), attempt: 1, outcome: { output: 1 } });
  }
}

const running = () => new Log().decide({ type: 'execute' }).start('a');
const finished = () => running().complete('a').start('b', 'c').complete('b').complete('c');

/** Shows the checker a log, and the state it is said to lead to. */
function show(run: RunState, events: readonly RunEvent[], checker = new InvariantChecker()): InvariantChecker {
  const batch: TreeAppend[] = [appendOf(run, events)];
  checker.prepare(batch)();
  return checker;
}

const without = (log: Log, index: number) => log.events.filter((_, at) => at !== index);
const renumbered = (events: readonly RunEvent[]) => events.map((event, at) => ({ ...event, seq: at + 1 }));
const typeAt = (log: Log, type: RunEvent['type']) => log.events.findIndex((event) => event.type === type);

describe('the checker accepts a sound log', () => {
  it('and what ends, ends', () => {
    const log = finished();
    expect(() => show(log.run, log.events).settled()).not.toThrow();
  });
});

describe('the checker finds a planted fault', () => {
  it('1: a dropped event, a log that begins in the middle', () => {
    const log = finished();
    expect(() => show(log.run, without(log, 3))).toThrow('1: the sequence has no gap');
    expect(() => show(log.run, log.events.slice(1))).toThrow('1: a log begins with TreeCreated');
  });

  it('1: an attempt that starts twice, or ends twice', () => {
    const log = finished();
    const start = typeAt(log, 'TaskStarted');
    const end = typeAt(log, 'TaskCompleted');
    const twice = (at: number) => renumbered([...log.events.slice(0, at + 1), ...log.events.slice(at)]);
    expect(() => show(log.run, twice(start))).toThrow('1: a/1 starts twice');
    expect(() => show(log.run, twice(end))).toThrow('1: TaskCompleted is a second end of a/1');
  });

  it('1: an attempt without an end', () => {
    const log = running();
    expect(() => show(log.run, log.events).settled()).toThrow(
      '7: tree root is running, and nothing happens any more: root is running, a is running',
    );
  });

  it('2: a live state that is not the fold of the log', () => {
    const log = finished();
    (log.run.byId.get(id('b')) as { output: unknown }).output = 'other';
    expect(() => show(log.run, log.events)).toThrow('2: the fold of the log is the live state');
    const miscounted = finished();
    miscounted.run.counts.completed--;
    expect(() => show(miscounted.run, miscounted.events)).toThrow('2: the counters');
  });

  it('2: a row that was not written', () => {
    const log = finished();
    const tree = {
      seq: log.run.seq,
      status: log.run.status,
      counts: log.run.counts,
      error: null,
      pauses: null,
      startedAtMs: 1_000,
      endedAtMs: 1_000,
    };
    expect(() => checkRows(log.run, undefined, [])).toThrow('has no row');
    expect(() => checkRows(log.run, { ...tree, seq: 3 } as never, [])).toThrow('Row of tree root');
    expect(() => checkRows(log.run, tree as never, [])).toThrow('Tasks that have a row');
    const rows = log.run.tasks.map((each) => ({ id: each.id, status: 'pending' }));
    expect(() => checkRows(log.run, tree as never, rows as never)).toThrow(/Row of task root/);
  });

  it('5: a gate above its limit', () => {
    const tree = new Log(1).decide({ type: 'execute' }).start('a', 'c');
    expect(() => show(tree.run, tree.events)).toThrow('5: tree root executes 2 of 1');
    const group = new Log(0, { policies: { concurrency: 1 } }).decide({ type: 'execute' }).start('a', 'c');
    expect(() => show(group.run, group.events)).toThrow('5: group root executes 2 of 1');
    const log = new Log().decide({ type: 'execute' }).start('a', 'c');
    expect(() => show(log.run, log.events, new InvariantChecker({ global: 1 }))).toThrow('5: global holds 2 of 1');
    expect(() => show(log.run, log.events, new InvariantChecker({ executors: { work: 1 } }))).toThrow(
      '5: executor:work holds 2 of 1',
    );
  });

  it('6: a start before its activation rule holds', () => {
    const log = finished();
    const early = log.events.findIndex((event) => event.type === 'TaskStarted' && event.taskId === 'b');
    const events = renumbered([...log.events.slice(0, typeAt(log, 'TaskStarted')), log.events[early] as RunEvent]);
    expect(() => show(log.run, events)).toThrow('6: b/1 starts while it is pending');
  });

  it('7: progress that falls', () => {
    const log = finished();
    const back = {
      ...log.events[typeAt(log, 'TaskStarted')],
      type: 'RetryScheduled',
      attempt: undefined,
      data: { error: { code: 'x', message: 'x', retryable: true }, delayMs: 1, dueAtMs: 2_000 },
    } as unknown as RunEvent;
    const end = typeAt(log, 'TaskCompleted');
    expect(() => show(log.run, renumbered([...log.events.slice(0, end + 1), back]))).toThrow('7: progress falls');
  });

  it('8: a result of an attempt that is not running', () => {
    const log = finished();
    const late = { ...log.events[typeAt(log, 'TaskStarted')], type: 'TaskProgressed', data: {} } as unknown as RunEvent;
    const end = typeAt(log, 'TaskCompleted');
    expect(() => show(log.run, renumbered([...log.events.slice(0, end + 1), late]))).toThrow(
      '8: TaskProgressed of a/1',
    );
  });

  it('9: an executor that is called before its start is durable, or twice', () => {
    const log = running();
    const checker = show(log.run, log.events);
    expect(() => checker.called(id('root'), id('c'), 1)).toThrow('9: c/1 is called before its start is durable');
    checker.called(id('root'), id('a'), 1);
    expect(() => checker.called(id('root'), id('a'), 1)).toThrow('9: a/1 is called twice');
  });

  it('10: a time that decreases', () => {
    const log = finished();
    const events = log.events.map((event, at) => (at === 4 ? { ...event, atMs: 5 } : event));
    expect(() => show(log.run, events)).toThrow('10: event 5 is earlier');
  });

  it('12: an event after the end', () => {
    const log = finished();
    const again = log.events[typeAt(log, 'TaskOpened')] as RunEvent;
    expect(() => show(log.run, renumbered([...log.events, again]))).toThrow('12: TaskOpened follows the end');
  });
});

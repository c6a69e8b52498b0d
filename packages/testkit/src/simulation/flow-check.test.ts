/** Each check of trees that grow, wait and share is shown a planted fault. */
import {
  create,
  decide,
  DEFAULTS,
  type RunCommand,
  type RunEvent,
  type RunState,
  type TaskDefinition,
  type TaskId,
  type TreeId,
} from '@coppice/core';
import { createCelExpressions } from '@coppice/engine';
import { describe, expect, it } from 'vitest';
import { plainContext } from '../plain-context.ts';
import { FlowCheck } from './flow-check.ts';
import { SignalCheck } from './signal-check.ts';

const context = plainContext({ nowMs: 1_000, expressions: createCelExpressions() });
const id = (text: string) => text as TaskId;

function task(name: string, more: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    ...DEFAULTS,
    id: id(name),
    key: name,
    name,
    parentId: id('root'),
    kind: 'executor',
    executor: 'work',
    ...more,
  };
}

/** A multiplied task. */
function multiplied(name: string, multiplier: object): TaskDefinition {
  const { executor: _copies, ...group } = task(name, { kind: 'group' });
  const { parentId: _top, ...body } = task(name);
  return { ...group, multiplier: { ...multiplier, body: [body] } };
}

/** A run, its events, and what the check says when one of them is another. */
class Shown {
  readonly run: RunState;
  readonly events: RunEvent[];

  constructor(tasks: readonly TaskDefinition[]) {
    const { parentId: _none, executor: _group, ...root } = task('root', { kind: 'group' });
    const definition = {
      treeId: 'root' as TreeId,
      tasks: [root, ...tasks],
      inputs: {},
      variables: { total: 0 },
      merges: { total: 'sum' },
      policies: {},
    };
    const { run, event } = create({ definition, userId: 'ann', seed: 's' }, context);
    this.run = run;
    this.events = [event];
    this.decide({ type: 'execute' });
  }

  decide(command: RunCommand): this {
    const decision = decide(this.run, command, context);
    if (!decision.ok) throw new Error(decision.rejection.message);
    this.events.push(...decision.value);
    return this;
  }

  work(name: string, patch?: Record<string, number>): this {
    this.decide({ type: 'start', taskIds: [id(name)] });
    const outcome = { output: name, ...(patch === undefined ? {} : { patch }) };
    return this.decide({ type: 'complete', taskId: id(name), attempt: 1, outcome });
  }

  find<T extends RunEvent['type']>(type: T, taskId?: string): Extract<RunEvent, { type: T }> {
    const found = this.events.findLast((event) => event.type === type && (event.taskId ?? undefined) === taskId);
    if (found === undefined) throw new Error(`No ${type}`);
    return found as Extract<RunEvent, { type: T }>;
  }
}

const newShown = (): Shown => new Shown([task('a'), task('b')]);
const wait = (name: string): TaskDefinition => {
  const { executor: _none, ...rest } = task(name, { kind: 'wait', wait: { signal: 'go' } });
  return rest;
};

describe('the check of a tree that grows finds', () => {
  it('a task that begins again after its end, and one that ends twice', () => {
    const shown = newShown();
    const check = new FlowCheck(shown.run);
    shown.work('a');
    check.before(shown.run, shown.find('TaskCompleted', 'a'));
    expect(() => check.before(shown.run, shown.find('TaskStarted', 'a'))).toThrow('nobody has opened it again');
    expect(() => check.before(shown.run, shown.find('TaskCompleted', 'a'))).toThrow('has ended before');
  });

  it('what begins below something that was cancelled', () => {
    const shown = newShown();
    const check = new FlowCheck(shown.run);
    shown.decide({ type: 'start', taskIds: [id('a')] });
    shown.decide({ type: 'cancel' });
    for (const name of ['root', 'a']) check.after(shown.run, shown.find('TaskCancelled', name));
    for (const type of ['TaskStarted', 'TaskDue', 'WaitStarted'] as const)
      expect(() => check.before(shown.run, Object.assign({}, shown.find('TaskStarted', 'a'), { type }))).toThrow(
        'R-TO-06',
      );
  });

  it('copies in another order, a copy too few, and a repetition that does not wait', () => {
    const shown = new Shown([multiplied('each', { forEach: ['x', 'y'] }), multiplied('loop', { repeat: { max: 3 } })]);
    const check = new FlowCheck(shown.run);
    const opened = shown.find('TaskOpened', 'each');
    const { added = [] } = opened.data;
    const with_ = (changed: readonly TaskDefinition[]) => ({ ...opened, data: { ...opened.data, added: changed } });
    const [first, second] = added as [TaskDefinition, TaskDefinition];
    expect(() => check.before(shown.run, opened)).not.toThrow();
    expect(() => check.before(shown.run, with_([second, first]))).toThrow('in the order of their items');
    expect(() => check.before(shown.run, with_([first]))).toThrow('has a copy for each item');
    const loop = shown.find('TaskOpened', 'loop');
    expect(() => check.before(shown.run, loop)).toThrow('goes on while loop.0 is ready');
    shown.work('loop.0').work('loop.1');
    const copies = [...(loop.data.added ?? []), ...(loop.data.added ?? [])];
    expect(() => check.before(shown.run, { ...loop, data: { added: copies } })).toThrow('more than one at once');
    expect(() => check.before(shown.run, loop)).toThrow('goes on while loop.2 is ready');
  });

  it('counts and roll-ups that are wrong', () => {
    const shown = newShown();
    const check = new FlowCheck(shown.run);
    check.checkCounts(shown.run);
    shown.run.counts.ready++;
    expect(() => check.checkCounts(shown.run)).toThrow('2: of root so many tasks are ready');
    shown.run.counts.ready--;
    const kept = shown.run.rollUps?.get(shown.run.root);
    if (kept !== undefined) kept.ready--;
    expect(() => check.checkCounts(shown.run)).toThrow('R-PR-07: the counts below root');
  });

  it('a write that is counted twice, or not at all', () => {
    const shown = newShown();
    const check = new FlowCheck(shown.run);
    shown.work('a', { total: 3 }).work('b', { total: 4 });
    for (const name of ['a', 'b']) check.before(shown.run, shown.find('TaskCompleted', name));
    const end = shown.find('RunCompleted');
    expect(() => check.after(shown.run, end)).not.toThrow();
    for (const total of [4, 10]) {
      shown.run.result = { variables: { total } };
      expect(() => check.after(shown.run, end)).toThrow('R-SC-06');
    }
  });
});

describe('the check of signals finds', () => {
  /** What was told until the signal came, and the end that it has led to. */
  function delivered(command: RunCommand): {
    check: SignalCheck;
    shown: Shown;
    end: Extract<RunEvent, { type: 'TaskCompleted' }>;
  } {
    const shown = new Shown([wait('a'), wait('b')]);
    const check = new SignalCheck();
    const before = structuredClone(shown.run.byId.get(id('a'))?.waiting);
    shown.decide(command);
    check.apply(undefined, shown.find('SignalReceived'));
    const end = shown.find('TaskCompleted', 'a');
    // As it was before the end.
    Object.assign(shown.run.byId.get(id('a')) as object, { waiting: before, status: 'waiting' });
    shown.run.inbox?.boxes.get('go')?.tasks.clear();
    for (const name of ['a', 'b']) shown.run.inbox?.boxes.get('go')?.tasks.add(id(name));
    return { check, shown, end };
  }

  const signal: RunCommand = { type: 'signal', name: 'go', payload: 7 };
  const answer: RunCommand = {
    type: 'answer',
    taskId: id('a'),
    values: 7,
    actor: { userId: 'ann', face: 'rpc' },
    isAdmin: false,
  };

  it('nothing in a sound log', () => {
    for (const command of [signal, answer]) {
      const { check, shown, end } = delivered(command);
      expect(() => check.apply(shown.run, end)).not.toThrow();
    }
  });

  it('a signal that ends two waits, none, another one, or with another payload', () => {
    const twice = delivered(signal);
    twice.check.apply(twice.shown.run, twice.end);
    expect(() => twice.check.apply(twice.shown.run, twice.end)).toThrow('was consumed before');
    for (const [command, change, message] of [
      [signal, { data: { ...delivered(signal).end.data, output: 8 } }, 'is the payload of its signal'],
      [signal, { taskId: id('b') }, 'overtakes who has waited longer'],
      [answer, { taskId: id('b') }, 'and was for a'],
      [answer, { data: { ...delivered(answer).end.data, output: 8 } }, 'is its answer'],
    ] as const) {
      const { check, shown, end } = delivered(command);
      expect(() => check.apply(shown.run, { ...end, ...change })).toThrow(message);
    }
  });

  it('a wait that ends without its answer, or that did not wait', () => {
    const { check, shown, end } = delivered(signal);
    const { signal: _number, ...data } = end.data;
    expect(() => check.apply(shown.run, { ...end, data })).toThrow('ends at 1000 and waits until undefined');
    Object.assign(shown.run.byId.get(id('a')) as object, { waiting: undefined });
    expect(() => check.apply(shown.run, end)).toThrow('which does not wait');
  });

  it('an id that comes twice, and an end that forgets unread signals', () => {
    const { check, shown } = delivered({ ...signal, id: 'one' });
    expect(() => check.apply(shown.run, shown.find('SignalReceived'))).toThrow('the id one comes twice');
    const ended = { type: 'RunCompleted', seq: 99, atMs: 1_000, data: {} } as unknown as RunEvent;
    expect(() => check.apply(shown.run, ended)).toThrow('counts the unread signals');
  });
});

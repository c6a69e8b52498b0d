/** The invariants of the model as properties of `decide` and `evolve` over generated trees and commands. */
import type { TaskId } from '@coppice/extension';
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { treeSubmissions } from '@coppice/testkit';
import { describe, expect, it } from 'vitest';
import { isRunTerminal, isTerminal } from '../task/status.ts';
import { activation, isScopeOpen } from './edges.ts';
import type { RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import { findPause } from './pauses.ts';
import { fromSnapshot, toSnapshot, type RunSnapshot } from './snapshot.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import type { RunState } from './state.ts';
import { act, choices, isFailing, KINDS, pausedIn, tryCommand, trees, WHENS } from './any-commands.fixture.ts';
import { checkFold, errorOf, Scenario } from './run.fixture.ts';
import { checkSignals } from './wait-commands.fixture.ts';

/** Runs to the end by completing or failing what is ready, in the order that `order` gives. */
function finish(s: Scenario, salt: number, order: (ids: string[]) => string[] = (ids) => ids): void {
  for (const taskId of pausedIn(s.run)) s.when({ type: 'resume', taskId });
  for (let turn = 0; turn < 1_000; turn++) {
    for (const id of s.ids('waiting')) {
      s.nowMs = Math.max(s.nowMs, s.task(id).waiting?.untilMs ?? 0);
      s.due(id);
    }
    const open = order([...s.ids('ready'), ...runningOf(s.run)]);
    const next = open[0];
    if (next === undefined && s.ids('waiting').length > 0) continue;
    if (next === undefined) return;
    endOne(s, next, salt);
  }
  throw new Error('The run does not end');
}

function endOne(s: Scenario, id: string, salt: number): void {
  if (isFailing(id, salt)) s.fail(id);
  else s.complete(id, { of: id });
}

function runningOf(run: RunState): string[] {
  return run.tasks.filter((task) => task.status === 'running' && task.group === undefined).map((task) => task.id);
}

function checkStarts(log: readonly RunEvent[]): void {
  const open = new Set<string>();
  const seen = new Set<string>();
  let run: RunState | undefined;
  let ended = false;
  for (const event of log) {
    if (ended && event.type !== 'RunReopened') throw new Error(`${event.type} follows the end of the run`);
    ended = event.type === 'RunCompleted' || event.type === 'RunFailed' || event.type === 'RunCancelled';
    if (event.type === 'TaskStarted') {
      const task = run?.byId.get(event.taskId);
      const key = `${event.taskId}/${event.attempt}`;
      assert.ok(!seen.has(key), `${key} starts once`);
      seen.add(key);
      open.add(key);
      assert.ok(
        task !== undefined && task.status === 'ready' && activation(task) === 'ready' && isScopeOpen(task),
        key,
      );
      assert.equal(findPause(run as RunState, task), undefined, `R-CP-08: ${key} starts while it is paused`);
    } else if (event.attempt !== undefined && event.type !== 'TaskProgressed' && event.type !== 'CallRecorded') {
      assert.ok(open.delete(`${event.taskId}/${event.attempt}`), `${event.type} ends an open attempt`);
    }
    run = fold([event], run);
  }
}

describe('any commands in any order', () => {
  it('invariants 1, 2, 6, 8, 12, and a root is never completed above an unhandled failure', () => {
    fc.assert(
      fc.property(trees, choices, fc.nat(3), (tree, numbers, salt) => {
        const s = new Scenario(tree.tasks, { checks: false });
        for (const number of numbers) {
          const before = s.log.length;
          act(s, number, salt);
          if (s.log.length > before) checkCounters(s.run);
        }
        checkFold(s.run, s.log);
        checkStarts(s.log);
        checkSignals(s.log);
        const failed = s.run.tasks.filter(
          (task) => task.selected && task.status === 'failed' && !task.handled && task.scope === s.run.scope,
        );
        assert.ok(s.run.status !== 'completed' || failed.length === 0);
        checkCompleted(s.run);
      }),
      { numRuns: 300 },
    );
  });

  it('invariant 7: left alone, every run ends with every executed task terminal', () => {
    fc.assert(
      fc.property(trees, choices, fc.nat(3), (tree, numbers, salt) => {
        const s = new Scenario(tree.tasks, { checks: false });
        for (const number of numbers.slice(0, 40)) act(s, number, salt);
        if (s.run.status === 'created') s.execute();
        finish(s, salt);
        expect(isRunTerminal(s.run.status)).toBe(true);
        expect(s.run.error?.code).not.toBe('run/no-progress');
        expect(s.run.tasks.filter((task) => task.selected && !isTerminal(task.status))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** A completed run has no failed and no cancelled task but those that somebody allows, that a task dealt with that ran, or in a group that would not have run or that a person completed. */
function checkCompleted(run: RunState): void {
  if (run.status !== 'completed') return;
  const isAllowed = (task: RunState['root']): boolean => {
    for (let at: typeof task | undefined = task; at !== undefined; at = at.scope.owner) {
      if (at.definition.allowFailure || at.status === 'skipped' || hasLostRace(at)) return true;
      if (at.status === 'completed' && at.reason?.code === 'user') return true;
      const dealers = run.tasks.filter(({ incoming, status }) => {
        const edges = incoming.filter(({ source, dependency }) => source === at && dependency.handles === true);
        return status !== 'skipped' && status !== 'cancelled' && edges.some((edge) => edge.status === 'fired');
      });
      if (at.status === 'failed' && dealers.length > 0) return true;
    }
    return false;
  };
  for (const task of run.tasks) {
    if (!task.selected || (task.status !== 'failed' && task.status !== 'cancelled')) continue;
    assert.ok(isAllowed(task), `${task.id} is ${task.status} in a completed run`);
  }
}

/** Cancelled because another was first, by a task that needs one of them only. */
function hasLostRace({ status, reason, group, children, outgoing }: RunState['root']): boolean {
  if (status !== 'cancelled' || reason?.code !== 'race') return false;
  const races = outgoing.filter(({ target }) => target.definition.cancelOthers === true);
  return races.some(({ target }) => target.winner !== undefined) || group === undefined || children.length > 0;
}

function checkCounters(run: RunState): void {
  const selected = run.tasks.filter((task) => task.selected);
  expect(Object.values(run.counts).reduce((sum, count) => sum + count, 0)).toBe(selected.length);
  for (const task of run.tasks) {
    assert.ok(task.status !== 'ready' || (activation(task) === 'ready' && isScopeOpen(task) && task.selected));
  }
}

describe('a snapshot in pieces', () => {
  const plain = (run: RunState): unknown => JSON.parse(JSON.stringify(toSnapshot(run)));

  it('R-EV-07: says what was so when it was begun, whatever the run does meanwhile', () => {
    let whole = 0;
    fc.assert(
      fc.property(trees, choices, fc.nat(80), (tree, numbers, chance) => {
        const [salt, begin] = [chance % 4, chance >> 2];
        const s = new Scenario(tree.tasks, { checks: false });
        s.execute();
        for (const choice of numbers.slice(0, begin)) act(s, choice, salt);
        const taker = new SnapshotTaker(s.run, 1 + (begin % 3));
        const pieces: string[] = [];
        for (let at = begin; !taker.isWhole; at++) {
          const choice = numbers[at];
          if (choice !== undefined) act(s, choice, salt);
          if (choice !== undefined && choice % 7 === 0) change(s, choice);
          const piece = choice !== undefined && choice % 3 === 0 ? '[]' : taker.next();
          if (piece === undefined) return taker.close();
          pieces.push(piece);
        }
        taker.close();
        whole++;
        const tasks = pieces.flatMap((piece) => JSON.parse(piece) as RunSnapshot['tasks']);
        const then = fold(s.log.slice(0, taker.seq)) as RunState;
        expect(plain(fromSnapshot({ ...(JSON.parse(taker.head) as RunSnapshot), tasks }))).toEqual(plain(then));
      }),
      { numRuns: 500 },
    );
    expect(whole).toBeGreaterThan(250);
  });

  /** Takes tasks out, or changes what one depends on. */
  function change(s: Scenario, choice: number): void {
    const task = s.run.tasks[choice % s.run.tasks.length] as RunState['root'];
    if (choice % 2 === 0) tryCommand(s, { type: 'delete', taskId: task.id });
    else tryCommand(s, { type: 'update', definition: { ...task.definition, name: 'renamed', dependencies: [] } });
  }
});

describe('order does not matter', () => {
  const plainTrees = treeSubmissions({
    maxTasks: 14,
    mode: 'id',
    conditions: ['status == "failed"'],
    whens: WHENS,
  }).filter(({ tasks }) => tasks.every((task) => task.join !== 'any'));

  /** What must not depend on time: statuses, outputs, edges. Reasons name what was known when a task was skipped. */
  const outcomeOf = (s: Scenario) =>
    toSnapshot(s.run).tasks.map(({ definition, fields, edges }) => ({
      id: definition.id,
      status: fields.status,
      output: fields.output,
      error: fields.error?.code,
      handled: fields.handled,
      edges,
    }));

  it('invariants 4 and 9: any order of completion, one or many at once, same final state and fired edges', () => {
    fc.assert(
      fc.property(plainTrees, fc.nat(3), fc.infiniteStream(fc.nat(9_999)), (tree, salt, numbers) => {
        const inOrder = new Scenario(tree.tasks, { checks: false });
        inOrder.execute();
        finish(inOrder, salt);
        const shuffled = new Scenario(tree.tasks, { checks: false });
        shuffled.execute();
        finish(shuffled, salt, (ids) => {
          shuffled.start(...ids);
          const at = (numbers.next().value as number) % Math.max(ids.length, 1);
          return [...ids.slice(at), ...ids.slice(0, at)];
        });
        expect(outcomeOf(shuffled)).toEqual(outcomeOf(inOrder));
        expect(shuffled.run.status).toBe(inOrder.run.status);
      }),
      { numRuns: 300 },
    );
  });

  it('invariant 3: a crash at any prefix, then recovery, ends in the same state', () => {
    fc.assert(
      fc.property(plainTrees, fc.nat(3), fc.nat(200), (tree, salt, at) => {
        const undisturbed = new Scenario(tree.tasks, { checks: false });
        undisturbed.execute();
        finish(undisturbed, salt);
        const crashed = new Scenario(tree.tasks, { checks: false });
        crashed.execute();
        const prefix = undisturbed.log.slice(0, 2 + (at % Math.max(undisturbed.log.length - 2, 1)));
        for (const event of prefix) if (event.type === 'TaskStarted') replay(crashed, prefix, event.taskId);
        crashed.when({ type: 'interrupt', reason: 'crash', failing: [] });
        finish(crashed, salt);
        expect(outcomeOf(crashed)).toEqual(outcomeOf(undisturbed));
      }),
      { numRuns: 200 },
    );
  });

  it('R-CP-08, R-CP-09: any pauses and resumes end in the state of an undisturbed run', () => {
    fc.assert(
      fc.property(plainTrees, fc.nat(3), choices, (tree, salt, numbers) => {
        const undisturbed = new Scenario(tree.tasks, { checks: false });
        undisturbed.execute();
        finish(undisturbed, salt);
        const paused = new Scenario(tree.tasks, { checks: false });
        paused.execute();
        for (const number of numbers) {
          // Starts, results, time, pauses and resumes; nobody cancels or retries.
          const kind = [0, 1, 19, 20, 21, 22][number % 6] as number;
          const running = runningOf(paused.run);
          if (kind !== 1) act(paused, number - (number % KINDS) + kind, salt);
          else if (running.length > 0) endOne(paused, running[number % running.length] as string, salt);
        }
        finish(paused, salt);
        expect(outcomeOf(paused)).toEqual(outcomeOf(undisturbed));
        expect(paused.run.status).toBe(undisturbed.run.status);
        checkStarts(paused.log);
        checkFold(paused.run, paused.log);
      }),
      { numRuns: 300 },
    );
  });

  /** Starts a task again as the prefix has it, and ends it if the prefix holds its end. */
  function replay(s: Scenario, prefix: readonly RunEvent[], taskId: TaskId): void {
    s.start(taskId);
    const end = prefix.find(
      (event) => event.taskId === taskId && (event.type === 'TaskCompleted' || event.type === 'TaskFailed'),
    );
    if (end?.type === 'TaskCompleted') s.complete(taskId, end.data.output);
    else if (end !== undefined) s.fail(taskId, errorOf());
  }
});

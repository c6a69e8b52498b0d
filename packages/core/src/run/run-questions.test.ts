/** Questions about a run, asked of any run: what became of an edge, what a command would do. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { act, choices, trees } from './any-commands.fixture.ts';
import type { RunCommand } from './command.ts';
import { decide } from './decide.ts';
import { edgeDecision } from './edge-decision.ts';
import type { RunEvent } from './event.ts';
import { previewCancel, previewRetry } from './preview.ts';
import { countsBelow, emptyCounts, rollUpsOf, watchRollUps } from './roll-up.ts';
import type { TaskState } from './state.ts';
import { checkFold, Scenario, tasksOf } from './run.fixture.ts';

describe('what became of an edge', () => {
  it('R-RO-12: is told from the state alone as the event that settled it told it', () => {
    fc.assert(
      fc.property(trees, choices, fc.nat(3), (submission, picks, salt) => {
        const s = new Scenario(submission.tasks);
        s.execute();
        for (const choice of picks) act(s, choice, salt);
        const told = new Map<string, string>();
        for (const { data } of s.log) {
          for (const { task, edge, because } of 'dead' in data ? (data.dead ?? []) : [])
            told.set(`${task}/${edge}`, because);
        }
        for (const task of s.run.tasks) {
          for (const edge of task.incoming) {
            const decision = edgeDecision(edge, s.context());
            assert.equal(decision.status, edge.status);
            const because =
              edge.status === 'dead'
                ? edge.dependency.enabled
                  ? told.get(`${task.id}/${edge.index}`)
                  : 'disabled'
                : undefined;
            assert.equal(decision.because, because);
          }
        }
      }),
    );
  });
});

describe('roll-ups', () => {
  it('R-PR-06, R-PR-07: kept ones are what a new count gives, and the percentage never falls in a static tree', () => {
    fc.assert(
      fc.property(trees, choices, fc.nat(3), (submission, picks, salt) => {
        const s = new Scenario(submission.tasks, { checks: false });
        s.execute();
        let former = new Map<TaskState, number>();
        for (const choice of picks) {
          const before = s.log.length;
          act(s, choice, salt);
          const kept = watchRollUps(s.run);
          assert.deepEqual(kept, rollUpsOf(s.run));
          const ended = new Map(
            [...kept].map(([task, { completed, failed, skipped, cancelled }]) => [
              task,
              completed + failed + skipped + cancelled,
            ]),
          );
          const isStatic = s.log.slice(before).every(({ type }) => !CHANGING.has(type));
          for (const [task, count] of isStatic ? former : []) assert.ok((ended.get(task) ?? 0) >= count);
          former = ended;
        }
        const { rollUps } = s.run;
        s.run.rollUps = undefined;
        for (const task of s.run.tasks)
          if (!task.deleted) assert.deepEqual(rollUps?.get(task) ?? emptyCounts(), countsBelow(s.run, task));
      }),
    );
  });
});

describe('roll-ups of a tree that grows', () => {
  it('R-PR-07: stay right when tasks are added and taken out', () => {
    const s = new Scenario(
      tasksOf({
        list: [],
        each: { dependencies: ['list'], forEach: '${{ deps.list.items }}' },
        again: { dependencies: ['each'], repeat: { while: 'true', until: 'last.output == 9', max: 50 } },
      }),
    );
    s.execute();
    const kept = watchRollUps(s.run);
    const check = (): void => {
      assert.equal(s.run.rollUps, kept, 'they are kept, not counted again');
      assert.deepEqual(kept, rollUpsOf(s.run));
    };
    s.complete('list', { items: [1, 2, 3] });
    check();
    assert.equal(countsBelow(s.run, s.task('each')).ready, 3);
    for (const id of s.ids('ready')) s.complete(id);
    check();
    for (let turn = 0; turn < 10; turn++) {
      for (const id of s.ids('ready')) s.complete(id, turn);
      check();
    }
    assert.equal(s.run.status, 'completed');
  });
});

/** Events after which another set of tasks is counted, or tasks are open again. */
const CHANGING: ReadonlySet<string> = new Set(['RunStarted', 'RunReopened', 'TasksDeleted']);

describe('a preview', () => {
  it('R-TO-06, R-RT-13: says what the command then does, or why it is refused, and changes nothing', () => {
    fc.assert(
      fc.property(trees, choices, fc.nat(3), (submission, picks, salt) => {
        const s = new Scenario(submission.tasks);
        if (picks.length % 4 > 0) s.execute();
        for (const choice of picks) act(s, choice, salt);
        for (const mode of ['failure', 'start'] as const) {
          const wouldRetry = previewRetry(s.run, mode);
          assert.deepEqual(wouldRetry, done(s, { type: 'retry', mode }, countReset));
          const wouldCancel = previewCancel(s.run);
          assert.deepEqual(wouldCancel, done(s, { type: 'cancel' }, countCancelled));
        }
      }),
    );
  });
});

/** The answer of a preview, from the command itself. */
function done(s: Scenario, command: RunCommand, count: (events: readonly RunEvent[]) => number): unknown {
  checkFold(s.run, s.log);
  const decision = decide(s.run, command, s.context());
  if (!decision.ok) return decision;
  s.log.push(...decision.value);
  return { ok: true, value: count(decision.value) };
}

function countReset(events: readonly RunEvent[]): number {
  return events.flatMap((event) => (event.type === 'RunReopened' ? event.data.reset : [])).length;
}

function countCancelled(events: readonly RunEvent[]): number {
  return events.filter(({ type }) => type === 'TaskCancelled').length;
}

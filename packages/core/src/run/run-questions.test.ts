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
import { checkFold, Scenario } from './run.fixture.ts';

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

import type { TaskId } from '@coppice/extension';
import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecideContext, RunCommand } from '../run/command.ts';
import { create, decide } from '../run/decide.ts';
import type { RunState } from '../run/state.ts';
import { definitionOf, testContext } from '../validate/validation.fixture.ts';
import { copyOf } from './copy-source.fixture.ts';
import { isRunTerminal, isTerminal } from './status.ts';
import type { TreeDefinition } from './task.ts';
import { plainContext } from '@coppice/testkit/simulation';

const context: DecideContext = plainContext({ nowMs: 1000, expressions: testContext.expressions });
const error = { code: 'x', message: 'x', retryable: false };

/** Runs a tree by the real rules, one task after the other, until it has ended or `limit` attempts have been made; answers who was started. */
function runTree(
  definition: TreeDefinition,
  { fails, limit = Infinity }: { readonly fails: (key: string) => boolean; readonly limit?: number },
): { readonly run: RunState; readonly started: readonly TaskId[] } {
  const { run } = create({ definition, userId: 'u', seed: 's' }, context);
  const started: TaskId[] = [];
  const apply = (command: RunCommand): void => {
    const decision = decide(run, command, context);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.rejection.message}`);
  };
  apply({ type: 'execute' });
  while (!isRunTerminal(run.status) && started.length < limit) {
    const next = run.tasks.find(({ status, definition: { executor } }) => status === 'ready' && executor !== undefined);
    if (next === undefined) throw new Error('The run neither ended nor has anything ready');
    const { id: taskId } = next;
    apply({ type: 'start', taskIds: [taskId] });
    started.push(taskId);
    const attempt = next.attempt;
    apply(
      fails(next.definition.key)
        ? { type: 'fail', taskId, attempt, error }
        : { type: 'complete', taskId, attempt, outcome: { output: next.definition.key } },
    );
  }
  return { run, started };
}

const choices = {
  failing: fc.array(fc.nat(13), { maxLength: 3 }).map((numbers) => new Set(numbers.map((number) => `t${number}`))),
  limit: fc.oneof(fc.constant(Infinity), fc.nat(10)),
  pick: fc.nat(),
};

describe('a copy of a run, run (R-TV-06, R-TV-07)', () => {
  it('completes when every task does, running exactly what is not reused', () => {
    const submissions = treeSubmissions({ maxTasks: 14, mode: 'id', plain: true });
    const modes = fc.constantFrom('minimal' as const, 'custom' as const);
    fc.assert(
      fc.property(submissions, fc.record({ ...choices, mode: modes }), (submission, { failing, limit, pick, mode }) => {
        const { run } = runTree(definitionOf(submission.tasks), { fails: (key) => failing.has(key), limit });
        const taskId = run.tasks[pick % run.tasks.length]!.id;
        const copy = copyOf(run, taskId, { mode, taskIds: [taskId] });
        const again = runTree(copy, { fails: () => false });
        expect(again.run.status).toBe('completed');
        expect(again.started.toSorted()).toEqual(
          copy.tasks
            .filter(({ executor, settled }) => executor !== undefined && settled === undefined)
            .map(({ id }) => id)
            .toSorted(),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('always ends, whatever the joins and triggers, and starts nothing that is reused', () => {
    const modes = fc.constantFrom('minimal' as const, 'full' as const, 'custom' as const);
    fc.assert(
      fc.property(
        treeSubmissions({ maxTasks: 14, mode: 'id' }),
        fc.record({ ...choices, mode: modes }),
        (submission, chosen) => {
          const { failing, limit, pick, mode } = chosen;
          const { run } = runTree(definitionOf(submission.tasks), { fails: (key) => failing.has(key), limit });
          const taskId = run.tasks[pick % run.tasks.length]!.id;
          const copy = copyOf(run, taskId, { mode, taskIds: [taskId] });
          const again = runTree(copy, { fails: (key) => failing.has(key) });
          expect(again.run.tasks.every(({ status }) => isTerminal(status))).toBe(true);
          const kept = new Set(copy.tasks.filter(({ settled }) => settled !== undefined).map(({ id }) => id));
          expect(again.started.filter((id) => kept.has(id))).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

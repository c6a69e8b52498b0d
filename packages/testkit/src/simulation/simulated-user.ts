/** A user who does anything at any time. Refusals are fine; what is acknowledged must be durable. */
import assert from 'node:assert/strict';
import type { SeededRandom, TreeId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { InvariantChecker } from './invariant-checker.ts';

export interface UserAction {
  readonly engine: Engine;
  readonly treeIds: readonly TreeId[];
  readonly random: SeededRandom;
  readonly checker: InvariantChecker;
}

/** Ids of trees that were made by copying begin with it. */
const COPY = 'id-';

/** Does one thing; answers what it was. */
export async function actAsUser({ engine, treeIds, random, checker }: UserAction): Promise<string> {
  const treeId = treeIds[random.integer(treeIds.length)] as TreeId;
  const tasks = checker.findRun(treeId)?.tasks ?? [];
  const taskId = tasks[random.integer(Math.max(tasks.length, 1))]?.id ?? treeId;
  const target = random.next() < 0.4 ? treeId : taskId;
  switch (random.integer(16)) {
    case 0:
    case 1: {
      const cancelled = await engine.cancel(target, { reason: 'simulated', force: random.next() < 0.5 });
      assert.ok(
        !cancelled.ok || checker.wasCancelled(treeId, target),
        `9: the cancellation of ${target} was acknowledged and is not durable`,
      );
      return `cancel ${target}: ${outcome(cancelled)}`;
    }
    case 2:
    case 3: {
      const mode = (['start', 'failure', 'task'] as const)[random.integer(3)] ?? 'start';
      return `retry ${target} ${mode}: ${outcome(await engine.retry(target, { mode, cascade: random.next() < 0.8 }))}`;
    }
    case 4:
      return `execute ${target}: ${outcome(await engine.execute(target))}`;
    case 5: {
      const some = tasks.filter(() => random.next() < 0.2).map((task) => task.id);
      const dependencies = random.next() < 0.5 ? { dependencies: some } : {};
      const patch = { name: `renamed ${random.integer(100)}`, priority: random.integer(4), ...dependencies };
      return `update ${target}: ${outcome(await engine.update(target, patch))}`;
    }
    case 6: {
      const explained = await engine.explain(target);
      assert.ok(explained.ok || explained.rejection.code === 'task/not-found', `explain ${target}`);
      return `explain ${target}: ${explained.ok ? explained.value.summary : explained.rejection.code}`;
    }
    case 7: {
      // The trees of the storm itself must be there at its end.
      if (taskId === treeId && !treeId.startsWith(COPY)) return `delete ${taskId}: not the tree`;
      const deleted = await engine.delete(taskId);
      assert.ok(
        !deleted.ok || taskId !== treeId || checker.findRun(treeId) === undefined,
        `9: the deletion of ${taskId} was acknowledged and is not durable`,
      );
      return `delete ${taskId}: ${outcome(deleted)}`;
    }
    case 8:
    case 9: {
      const mode = random.next() < 0.5 ? 'minimal' : 'full';
      const copied = await engine.copy(target, { mode, userId: 'eve' });
      if (!copied.ok) return `copy ${target} ${mode}: ${copied.rejection.code}`;
      const executed = await engine.execute(copied.value);
      assert.ok(
        executed.ok || executed.rejection.code !== 'task/dependencies-unsatisfied',
        `copy ${copied.value} can be executed`,
      );
      return `copy ${target} ${mode}: ${copied.value}, execute: ${outcome(executed)}`;
    }
    case 11:
    case 12:
    case 13:
      return signalAsUser({ engine, treeIds, random, checker }, treeId);
    case 14:
      return answerAsUser({ engine, treeIds, random, checker });
    case 10:
      return `attempts ${target}: ${outcome(await engine.attempts(target))}`;
    default: {
      const progress = await engine.progress(treeId);
      return `progress ${treeId}: ${progress?.fraction}`;
    }
  }
}

async function signalAsUser({ engine, random, checker }: UserAction, treeId: TreeId): Promise<string> {
  const id = `signal ${random.integer(1_000)}`;
  const name = `s${random.integer(2)}`;
  const sent = await engine.signal(treeId, { name, payload: random.integer(100), id });
  assert.ok(
    !sent.ok || checker.findRun(treeId)?.inbox?.ids.has(id) !== false,
    `9: ${id} was acknowledged and is not durable`,
  );
  return `${name} to ${treeId}: ${outcome(sent)}`;
}

async function answerAsUser({ engine, random }: UserAction): Promise<string> {
  const waits = await engine.waits();
  const wait = waits[random.integer(Math.max(waits.length, 1))];
  if (wait === undefined) return 'answer: nothing waits';
  const approved = wait.kind === 'approval' ? random.next() < 0.5 : undefined;
  const actor = { userId: random.next() < 0.7 ? wait.userId : 'nobody', face: 'rpc' as const };
  return `answer ${wait.taskId}: ${outcome(await engine.answer(wait.taskId, { approved, actor, isAdmin: false }))}`;
}

function outcome(answer: { readonly ok: boolean; readonly rejection?: { readonly code: string } }): string {
  return answer.ok ? 'ok' : (answer.rejection?.code ?? 'refused');
}

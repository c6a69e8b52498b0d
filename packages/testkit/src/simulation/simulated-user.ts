/** A user who does anything at any time. Refusals are fine; what is acknowledged must be durable. */
import assert from 'node:assert/strict';
import { isTerminal, type SeededRandom, type TaskId, type TreeId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { InvariantChecker } from './invariant-checker.ts';

export interface UserAction {
  readonly engine: Engine;
  readonly treeIds: readonly TreeId[];
  readonly random: SeededRandom;
  readonly checker: InvariantChecker;
}

/** Does one thing; answers what it was. */
export async function actAsUser({ engine, treeIds, random, checker }: UserAction): Promise<string> {
  const treeId = treeIds[random.integer(treeIds.length)] as TreeId;
  const tasks = checker.findRun(treeId)?.tasks ?? [];
  const taskId = tasks[random.integer(Math.max(tasks.length, 1))]?.id ?? treeId;
  const target = random.next() < 0.4 ? treeId : taskId;
  switch (random.integer(9)) {
    case 0:
    case 1: {
      const cancelled = await engine.cancel(target, { reason: 'simulated', force: random.next() < 0.5 });
      if (cancelled.ok && target !== treeId) assertCancelled(checker, treeId, target);
      return `cancel ${target}: ${outcome(cancelled)}`;
    }
    case 2:
    case 3: {
      const mode = (['start', 'failure', 'task'] as const)[random.integer(3)] ?? 'start';
      return `retry ${target} ${mode}: ${outcome(await engine.retry(target, { mode, cascade: random.next() < 0.8 }))}`;
    }
    case 4:
      return `execute ${target}: ${outcome(await engine.execute(target))}`;
    case 5:
      return `update ${target}: ${outcome(await engine.update(target, { name: `renamed ${random.integer(100)}`, priority: random.integer(4) }))}`;
    case 6: {
      const explained = await engine.explain(target);
      assert.ok(explained.ok || explained.rejection.code === 'task/not-found', `explain ${target}`);
      return `explain ${target}: ${explained.ok ? explained.value.summary : explained.rejection.code}`;
    }
    case 7:
      return `attempts ${target}: ${outcome(await engine.attempts(target))}`;
    default: {
      const progress = await engine.progress(treeId);
      return `progress ${treeId}: ${progress?.fraction}`;
    }
  }
}

function outcome(answer: { readonly ok: boolean; readonly rejection?: { readonly code: string } }): string {
  return answer.ok ? 'ok' : (answer.rejection?.code ?? 'refused');
}

function assertCancelled(checker: InvariantChecker, treeId: TreeId, taskId: TaskId): void {
  const task = checker.findRun(treeId)?.byId.get(taskId);
  // A retry may have opened it again in the same commit.
  assert.ok(
    task === undefined || isTerminal(task.status) || task.generation > 0 || task.attempt === 0,
    `${taskId} was cancelled and is ${task?.status}`,
  );
}

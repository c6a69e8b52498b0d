/** Executors of a simulation that add tasks, and that write to variables. What they do follows from the place of their task. */
import {
  createSeededRandom,
  outcome,
  type ExecutorContext,
  type ExecutorOutcome,
  type Json,
  type JsonObject,
  type SeededRandom,
  type TaskId,
  type TaskToAdd,
} from '@coppice/core';
import { SAME_SIGNAL } from './flow-tasks.ts';

/** Planners below each other at most, by the depth of the tree. */
const DEPTH_MAX = 6;

/** A plan of at most four tasks and a group; one of twelve is a plan with a mistake, and some write to variables. */
export function planFor(ctx: ExecutorContext): ExecutorOutcome {
  const random = chanceOf(ctx.taskId, 'plan');
  const isDeep = ctx.orderKey.split('.').length > DEPTH_MAX;
  const tasks = Array.from({ length: random.integer(5) }, (_, at): TaskToAdd => {
    const earlier = Array.from({ length: at }, (_none, before) => `n${before}`).filter(() => random.next() < 0.4);
    return { name: `n${at}`, ...workOf(random, isDeep), dependencies: earlier };
  });
  if (random.next() < 0.3)
    tasks.push(
      { name: 'group', policies: { concurrency: 1 } },
      { name: 'member', parentId: 'group', executor: 'writer' },
    );
  if (random.integer(12) === 0) tasks.push({ name: 'wrong', executor: 'steady', dependencies: ['nowhere'] });
  const output = random.next() < 0.5 ? null : { planned: tasks.length };
  return outcome({ output, tasks, ...(random.next() < 0.4 ? { patch: patchFor(ctx) } : {}) });
}

function workOf(random: SeededRandom, isDeep: boolean): Partial<TaskToAdd> {
  switch (random.integer(isDeep ? 8 : 10)) {
    case 0:
      return { executor: 'flaky' };
    case 1:
      return { executor: 'doomed', allowFailure: random.next() < 0.5 };
    case 2:
      return { wait: { forMs: random.integer(20) } };
    case 3:
      return { approval: { title: '${{ task.key }}' } };
    case 4:
      return { wait: { signal: SAME_SIGNAL } };
    case 5:
      return { executor: 'steady', forEach: ['x', 'y'], label: '${{ item }}' };
    case 6:
      return { executor: 'writer', repeat: { until: 'index >= 1', max: 3, delayMs: 2 } };
    case 7:
      return { executor: 'steady', inputs: { seen: { total: '${{ vars.total }}' } }, set: { total: 1 } };
    default:
      return { executor: 'planner' };
  }
}

/** What a writer writes; one of twelve names a variable that nobody has declared. */
export function patchFor({ taskId }: ExecutorContext): JsonObject {
  const random = chanceOf(taskId, 'patch');
  const number = random.integer(5);
  const word = 'abc'[random.integer(3)] as string;
  const writes: readonly (readonly [string, Json])[] = [
    ['total', number],
    ['most', number],
    ['least', number],
    ['log', stable(taskId)],
    ['seen', [word]],
    ['map', { [word]: { [stable(taskId)]: number } }],
    ['stage', word],
  ];
  const some = writes.filter(([name]) => random.next() < (name === 'stage' ? 0.2 : 0.5));
  return { ...Object.fromEntries(some), ...(random.integer(12) === 0 ? { undeclared: 1 } : {}) };
}

/** Ids in a text without the number of the attempt that has made the task: a crash leads to another number. */
export function stable(text: string): string {
  return text.replaceAll(/:\d+(?=\.)/g, '');
}

function chanceOf(taskId: TaskId, purpose: string): SeededRandom {
  return createSeededRandom({ seed: 'growth', taskId: stable(taskId), attempt: 1, purpose });
}

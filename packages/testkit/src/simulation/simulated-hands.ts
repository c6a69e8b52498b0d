/** Somebody who completes and skips tasks by hand at times that the seed says (R-SN-02). */
import assert from 'node:assert/strict';
import { isTerminal, type Actor, type JsonObject, type TaskId, type TreeId } from '@coppice/core';
import type { SimulatedPersonOptions } from './simulated-person.ts';

const ACTS_MAX = 6;
const EVE: Actor = { userId: 'eve', face: 'rpc' };

/** Plans all of it. */
export function planHands(options: SimulatedPersonOptions): void {
  const { random, setTimer, endsMs } = options;
  for (let count = random.integer(ACTS_MAX); count > 0; count--)
    setTimer(random.integer(endsMs), () => endOne(options));
}

/** A signal that gives commands: one of Coppice's own, or one that a handler answers. */
function signalOne(
  { random, engine, request }: Pick<SimulatedPersonOptions, 'random' | 'engine' | 'request'>,
  treeId: TreeId,
  taskId: TaskId,
): void {
  const own: readonly (readonly [string, JsonObject])[] = [
    ['coppice.complete', { task: taskId, output: 7 }],
    ['coppice.skip', { task: taskId }],
    ['coppice.update', { task: taskId, inputs: {} }],
    ['coppice.cancel', { task: taskId }],
  ];
  const chosen = own[random.integer(own.length)] as (typeof own)[number];
  const choice = random.integer(12);
  const [name, payload] = random.next() < 0.5 ? chosen : (['simulated', choice] as const);
  const sent = engine()?.signal(treeId, { name, payload, actor: EVE });
  if (sent !== undefined) request(`signal ${name} to ${treeId}`, sent);
}

function endOne({ random, checker, engine, request }: SimulatedPersonOptions): void {
  const runs = checker.listRuns();
  const run = runs[random.integer(Math.max(runs.length, 1))];
  const open = run?.tasks.filter(({ status }) => !isTerminal(status)) ?? [];
  const tasks = open.length === 0 ? (run?.tasks ?? []) : open;
  const taskId = tasks[random.integer(Math.max(tasks.length, 1))]?.id;
  const isSkip = random.next() < 0.5;
  const output = random.integer(100);
  if (run === undefined || taskId === undefined) return;
  if (random.next() < 0.4) return signalOne({ random, engine, request }, run.treeId, taskId);
  const ending = isSkip ? ({ status: 'skipped' } as const) : ({ status: 'completed', output } as const);
  const asked = engine()?.endByHand(taskId, { ending, reason: 'simulated', actor: EVE });
  if (asked === undefined) return;
  const ended = asked.then((answer) => {
    assert.ok(
      !answer.ok || checker.wasEndedByHand(run.treeId, taskId),
      `9: the end of ${taskId} by hand was acknowledged and is not durable`,
    );
    return answer;
  });
  request(`${isSkip ? 'skip' : 'complete'} ${taskId}`, ended);
}

/** Who waits at a gate. */
import { expect, it } from 'vitest';
import { readyRun } from './admission.fixture.ts';
import { GateDesk, ResizableGate } from './gate-kinds.fixture.ts';
import { WAITERS_MAX } from './gate-lines.ts';

const many = (count: number) => Array.from({ length: count }, () => [2, 'work'] as const);

function waitersOf(desk: GateDesk) {
  return desk.admission.lines(desk.nowMs)[0]?.waiters ?? [];
}

it('names the first of each line by place, then by wait, and no more than so many (R-LM-12)', () => {
  const gate = new ResizableGate('executor:work', 1);
  const desk = new GateDesk({ executors: { work: [{ gate, amount: 1 }] } });
  const [long, short] = [readyRun({ id: 'long', tasks: many(50) }), readyRun({ id: 'short', tasks: many(2) })];
  for (const task of long.tasks) task.readyAtMs = 20;
  for (const task of short.tasks) task.readyAtMs = 10;
  desk.add(long);
  desk.add(short);
  expect(desk.pick()).toEqual(['long.0']);
  const waiters = waitersOf(desk);
  expect(waiters).toHaveLength(WAITERS_MAX);
  expect(waiters.slice(0, 5).map(({ taskId, place }) => [taskId, place])).toEqual([
    ['short.0', 1],
    ['long.1', 1],
    ['short.1', 2],
    ['long.2', 2],
    ['long.3', 3],
  ]);
  expect(waiters[0]).toMatchObject({ treeId: 'short', userId: 'ann', readyAtMs: 10 });
});

it('names nobody who does not wait any more', () => {
  const gate = new ResizableGate('executor:work', 1);
  const desk = new GateDesk({ executors: { work: [{ gate, amount: 1 }] } });
  const run = readyRun({ id: 'a', tasks: many(3) });
  desk.add(run);
  desk.pick();
  const [, second] = run.tasks.filter(({ status }) => status === 'ready');
  if (second !== undefined) second.status = 'cancelled';
  expect(waitersOf(desk).map(({ taskId }) => taskId)).toEqual(['a.1']);
  gate.limit = 5;
  desk.admission.changed(gate);
  desk.pick();
  expect(waitersOf(desk)).toEqual([]);
});

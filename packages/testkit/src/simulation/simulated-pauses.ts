/** Somebody who pauses runs and sub-trees and holds the engine at times that the seed says, and at last lets all go on. */
import type { Actor, HoldTarget, TaskId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { SimulatedPersonOptions } from './simulated-person.ts';

const PAUSES_MAX = 5;
const EVE: Actor = { userId: 'eve', face: 'rpc' };
/** Pause between two tries to resume what is left. */
const TRY_MS = 25;

/** Plans all of it. */
export function planPauses(options: SimulatedPersonOptions): void {
  const { random, checker, setTimer, endsMs } = options;
  // By the engine that was asked: one that has died never answers.
  const pending = new Map<Promise<unknown>, Engine>();
  for (let count = random.integer(PAUSES_MAX + 1); count > 0; count--) {
    setTimer(random.integer(endsMs / 2), () => pauseOne(options, pending));
    setTimer(random.integer(endsMs), () => resumeOne(options));
  }
  const resumeAll = (): void => {
    for (const taskId of pausedTasks(options)) resume(options, taskId);
    releaseAll(options);
    setTimer(TRY_MS, () => {
      const engine = options.engine();
      const isPending = [...pending.values()].some((asked) => asked === engine);
      if (engine === undefined || isPending || pausedTasks(options).length > 0 || checker.engine.holds.size > 0)
        resumeAll();
    });
  };
  setTimer(endsMs, resumeAll);
}

function pauseOne(
  { random, checker, engine, request }: SimulatedPersonOptions,
  pending: Map<Promise<unknown>, Engine>,
): void {
  const runs = checker.listRuns();
  if (random.next() < 0.2) return holdOne({ random, engine, request }, pending);
  const run = runs[random.integer(Math.max(runs.length, 1))];
  const task = run?.tasks[random.integer(run.tasks.length)];
  const target = random.next() < 0.5 ? run?.root : task;
  const drain = random.next();
  if (target === undefined) return;
  const drainTimeoutMs = drain < 0.5 ? undefined : drain < 0.75 ? 0 : random.integer(30);
  const asked = engine();
  const paused = asked?.pause(target.id, { reason: 'simulated', drainTimeoutMs });
  if (asked === undefined || paused === undefined) return;
  remember(pending, paused, asked);
  request(`pause ${target.id} ${drainTimeoutMs ?? ''}`, paused);
}

function holdOne(
  { random, engine, request }: Pick<SimulatedPersonOptions, 'random' | 'engine' | 'request'>,
  pending: Map<Promise<unknown>, Engine>,
): void {
  const targets: readonly HoldTarget[] = [{ of: 'everything' }, { of: 'executor', name: 'steady' }];
  const target = targets[random.integer(targets.length)] as HoldTarget;
  const asked = engine();
  const held = asked?.holds.set(target, { actor: EVE });
  if (asked === undefined || held === undefined) return;
  remember(pending, held, asked);
  request(`hold ${target.of}`, held);
}

function releaseAll({ checker, engine, request }: SimulatedPersonOptions): void {
  for (const { target } of checker.engine.holds.values()) {
    const released = engine()?.holds.release(target, { actor: EVE });
    if (released !== undefined) request(`release ${target.of}`, released);
  }
}

function remember(pending: Map<Promise<unknown>, Engine>, work: Promise<unknown>, asked: Engine): void {
  pending.set(work, asked);
  const settle = (): void => void pending.delete(work);
  work.then(settle, settle);
}

function resumeOne(options: SimulatedPersonOptions): void {
  const paused = pausedTasks(options);
  const taskId = paused[options.random.integer(Math.max(paused.length, 1))];
  if (taskId !== undefined) resume(options, taskId);
}

function resume({ engine, request }: SimulatedPersonOptions, taskId: TaskId): void {
  const resumed = engine()?.resume(taskId);
  if (resumed !== undefined) request(`resume ${taskId}`, resumed);
}

function pausedTasks({ checker }: SimulatedPersonOptions): readonly TaskId[] {
  return checker.listRuns().flatMap(({ pauses }) => [...(pauses?.keys() ?? [])]);
}

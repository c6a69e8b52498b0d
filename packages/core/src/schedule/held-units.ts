/** What a run holds at gates, worked out from its state alone: so it is known for any moment of a log. */
import { isExecuting } from '../run/executing.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { exact } from '../task/demands.ts';
import type { GateSet, GateSource } from './gate.ts';
import { BreakerGate } from './breaker-gate.ts';
import { RateGate } from './rate-gate.ts';

/** What one run holds at one gate. */
export interface HeldUnits {
  /** Name of the gate. */
  readonly gate: string;
  /** Units of its running attempts, and of the run as a whole. */
  readonly held: number;
  readonly limit: number;
  /** Ready tasks of the run that the gate is closed to. */
  readonly closedTo: number;
}

/** The gates that the run has to do with now, in the order in which its tasks come to them. */
export function heldUnits(source: GateSource, run: RunState): readonly HeldUnits[] {
  const found = new Map<string, { gate: string; held: number; limit: number; closedTo: number }>();
  const at = (gate: string, limit: number) => {
    const known = found.get(gate) ?? { gate, held: 0, limit, closedTo: 0 };
    found.set(gate, known);
    return known;
  };
  const take = (set: GateSet): void => {
    for (const { gate, amount } of set) {
      // A token is used up, not held, and how a service is has nothing to do with this run.
      if (gate.limit === Infinity || gate instanceof RateGate || gate instanceof BreakerGate) continue;
      const found = at(gate.name, gate.limit);
      found.held = exact(found.held + amount);
    }
  };
  const global: GateSet = source.global === undefined ? [] : [{ gate: source.global, amount: 1 }];
  const ofTree = source.ofTree(run);
  for (const task of run.tasks) {
    if (isExecuting(task))
      for (const set of [global, ofTree, source.ofTask(task), ...aroundOf(source, task)]) take(set);
    const closed = task.status === 'ready' ? source.closedTo(run, task) : undefined;
    if (closed !== undefined) at(closed, 0).closedTo += 1;
  }
  if (run.hasBegun) take(source.heldByRun(run));
  return [...found.values()];
}

/** Demands at the gates of the groups around a task. */
function aroundOf(source: GateSource, task: TaskState): readonly GateSet[] {
  const sets: GateSet[] = [];
  for (let { owner } = task.scope; owner !== undefined; { owner } = owner.scope) {
    if (owner.definition.policies.concurrency !== undefined) sets.push(source.ofGroup(owner));
  }
  return sets;
}

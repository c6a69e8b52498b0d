/** Tells the runs of tasks that a breaker keeps back, and that do not wait for it. */
import {
  isRunTerminal,
  type Admission,
  type BreakerReport,
  type Decision,
  type RunCommand,
  type RunState,
  type TaskId,
  type TurnedAway,
} from '@coppice/core';

export interface TurnAwayParts {
  readonly admission: Admission;
  readonly reportOf: (gate: string, nowMs: number) => BreakerReport | undefined;
  readonly submit: (run: RunState, command: RunCommand, nowMs: number) => Decision;
}

interface Group {
  readonly of: TurnedAway;
  readonly taskIds: TaskId[];
}

/** One command for each run, breaker and what happens instead. Tasks that are left when the turn is over stand in line again. */
export function turnAway(
  { admission, reportOf, submit }: TurnAwayParts,
  turnedAway: readonly TurnedAway[],
  nowMs: number,
): void {
  const groups: Group[] = [];
  for (const of of turnedAway) {
    const known = groups.find(
      ({ of: { run, gate, whenFull } }) => run === of.run && gate === of.gate && whenFull === of.whenFull,
    );
    if (known === undefined) groups.push({ of, taskIds: [of.task.id] });
    else known.taskIds.push(of.task.id);
  }
  for (const { of, taskIds } of groups) {
    const { run, gate, whenFull } = of;
    const report = reportOf(gate.name, nowMs);
    if (report === undefined) continue;
    const decided = submit(run, { type: 'turnAway', taskIds, instead: whenFull, breaker: gate.name, report }, nowMs);
    if (!decided.ok || isRunTerminal(run.status)) continue;
    for (const id of taskIds) {
      const task = run.byId.get(id);
      if (task?.status === 'ready') admission.enqueue(run, task, nowMs);
    }
  }
}

/** Signals and answers for properties, and what must hold of a log with signals. */
import { SignalCheck } from '@coppice/testkit';
import type { RunCommand } from './command.ts';
import type { RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import type { RunState } from './state.ts';

/** A signal, or an answer to a task that waits, chosen by a number. It may be refused. */
export function waitCommand(run: RunState, choice: number): RunCommand {
  if (choice % 2 === 0) {
    const id = choice % 3 === 0 ? 'same' : undefined;
    return { type: 'signal', name: `s${choice % 4 < 2 ? 0 : 1}`, payload: choice, id };
  }
  const waiting = run.tasks.filter(({ status }) => status === 'waiting');
  const task = waiting[choice % Math.max(waiting.length, 1)] ?? run.root;
  const approved = task.definition.approval === undefined ? undefined : choice % 4 === 1;
  const actor = { userId: 'ann', face: 'rpc' } as const;
  return { type: 'answer', taskId: task.id, approved, actor, isAdmin: choice % 5 === 0 };
}

export function checkSignals(log: readonly RunEvent[]): void {
  const check = new SignalCheck();
  let run: RunState | undefined;
  for (const event of log) {
    check.apply(run, event);
    run = fold([event], run);
  }
}

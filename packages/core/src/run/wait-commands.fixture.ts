/** Signals and answers for properties, and what must hold of a log with signals. */
import type { Json } from '@coppice/extension';
import { SignalCheck } from '@coppice/testkit';
import type { RunCommand } from './command.ts';
import type { RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import type { RunState } from './state.ts';

/** A signal, or an answer to a task that waits, chosen by a number. It may be refused. */
export function waitCommand(run: RunState, choice: number): RunCommand {
  if (choice % 2 === 0 && choice % 5 === 0) return ownSignal(run, choice);
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

/** A signal that gives a command. */
function ownSignal({ tasks }: RunState, choice: number): RunCommand {
  const task = tasks[choice % tasks.length]?.id ?? '';
  const own: readonly (readonly [string, Json])[] = [
    ['pause', { task }],
    ['resume', null],
    ['cancel', { task }],
    ['update', { task, inputs: { n: choice } }],
    ['complete', { task, output: choice }],
    ['skip', { task }],
    ['complete', { task: 'nobody' }],
  ];
  const [name, payload] = own[choice % own.length] as (typeof own)[number];
  return { type: 'signal', name: `coppice.${name}`, payload, id: choice % 3 === 0 ? 'own' : undefined };
}

export function checkSignals(log: readonly RunEvent[]): void {
  const check = new SignalCheck();
  let run: RunState | undefined;
  for (const event of log) {
    check.apply(run, event);
    run = fold([event], run);
  }
}

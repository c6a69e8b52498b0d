/**
 * Signals that give commands (R-SN-02, R-SN-03): those of Coppice itself, and those that an extension handles. The commands are in the event
 * that the signal came by, so no replay asks a handler.
 *
 * 1. Commands are given in order, each on what the former has led to. The first that is refused ends the list: the signal is rejected with that
 *    reason, and what was done before it stays.
 * 2. A handler that fails leaves the signal rejected with its reason, and the run as it was.
 */
import type { SignalCommand } from '@coppice/extension';
import { isRunTerminal } from '../task/status.ts';
import { cascade } from './cascade.ts';
import type { RunCommand } from './command.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { copyJson, readingOf } from './run-reading.ts';
import { askHandler } from './ask-handler.ts';
import { BUILT_IN_SIGNALS, findTask, ownCommand, runCommandOf, type FindTask } from './signal-commands.ts';

type SignalGiven = Extract<RunCommand, { readonly type: 'signal' }>;
/** Decides one command in a draft. */
export type Give = (command: RunCommand) => Refusal;

/** True for a signal that becomes commands, and that no task waits for. */
export function isHandled({ context }: Draft, name: string): boolean {
  return BUILT_IN_SIGNALS.includes(name) || context.signalHandlers?.has(name) === true;
}

export function decideHandled(draft: Draft, signal: SignalGiven, give: Give): Refusal {
  const { run, context } = draft;
  const { name, payload } = signal;
  const handler = context.signalHandlers?.get(name);
  if (handler !== undefined && !BUILT_IN_SIGNALS.includes(name)) {
    const find: FindTask = (reference) => findTask(run, reference);
    const asked = askHandler(handler, { signal: { name, payload: copyJson(payload) }, run: readingOf(run), find });
    if (typeof asked === 'string') reject(draft, { name, signal: receive(draft, signal, []), reason: asked });
    else giveAll(draft, { signal, commands: asked }, give);
    return undefined;
  }
  const own = ownCommand(run, name, payload);
  if (!own.ok) return own;
  giveAll(draft, { signal, commands: [own.value] }, give);
  return undefined;
}

interface Given {
  readonly signal: SignalGiven;
  readonly commands: readonly SignalCommand[];
}

function giveAll(draft: Draft, { signal, commands }: Given, give: Give): void {
  const { run, context } = draft;
  const { name, actor } = signal;
  const seq = receive(draft, signal, commands);
  for (const [at, asked] of commands.entries()) {
    // Nothing may follow the end of the run, and there is nothing left to command.
    if (isRunTerminal(run.status)) return;
    const made = runCommandOf(run, asked, context);
    const refusal = made.ok ? give({ ...made.value, actor } as RunCommand) : made;
    draft.actor = undefined;
    if (refusal !== undefined) {
      const which = commands.length === 1 ? '' : `Command ${at + 1} of ${commands.length}: `;
      return reject(draft, { name, signal: seq, reason: `${which}${refusal.rejection.message}` });
    }
    cascade(draft);
    draft.work = [];
  }
}

/** Stores the signal with its commands; answers its number. */
function receive(draft: Draft, { name, payload, id, actor }: SignalGiven, commands: readonly SignalCommand[]): number {
  draft.actor = actor;
  emit(draft, 'SignalReceived', { data: { name, payload, ...(id === undefined ? {} : { id }), commands } });
  draft.actor = undefined;
  return draft.run.seq;
}

function reject(draft: Draft, data: { readonly name: string; readonly signal: number; readonly reason: string }): void {
  emit(draft, 'SignalRejected', { data });
}

/** Asks a handler of signals for its commands, and checks them (R-SN-03). */
import type { ReceivedSignal, RunReading, SignalCommand, SignalHandlerFunction } from '@coppice/extension';
import { commandsOf, type FindTask } from './signal-commands.ts';

/** Characters of all commands of one signal as JSON. */
const COMMANDS_LENGTH_MAX = 262_144;

interface Question {
  readonly signal: ReceivedSignal;
  readonly run: RunReading;
  readonly find: FindTask;
}

/** What the handler asks for, with ids of tasks; a text: why the signal is rejected. */
export function askHandler(
  handler: SignalHandlerFunction,
  { signal, run, find }: Question,
): readonly SignalCommand[] | string {
  let returned: unknown;
  try {
    returned = handler(signal, run);
  } catch (error) {
    return `The handler of ${signal.name} failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const commands = commandsOf(find, returned);
  if (typeof commands === 'string') return `The handler of ${signal.name} asks for what can not be given: ${commands}`;
  const { length } = JSON.stringify(commands);
  return length > COMMANDS_LENGTH_MAX
    ? `The handler of ${signal.name} asks for commands of ${length} characters; ${COMMANDS_LENGTH_MAX} is the limit`
    : commands;
}

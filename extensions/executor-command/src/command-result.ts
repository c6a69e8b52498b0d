/** What becomes of a program that has ended: an output, or a failure that carries what it printed. */
import {
  outcome,
  parseJson,
  RetryableError,
  TerminalError,
  type CutPart,
  type ExecutorOutcome,
  type Json,
} from '@coppice/extension';
import { maxOutputBytesDefault, type CommandInput } from './command-input.ts';
import { cutText } from './output-tail.ts';
import type { ProgramOutput } from './program-output.ts';

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly printed: ProgramOutput;
}

/** Throws a RetryableError or TerminalError when the program did not do what it should. */
export function toOutcome(input: CommandInput, ended: ProgramEnd): ExecutorOutcome {
  const { exitCode, signal, printed } = ended;
  const { stdout, stderr } = printed;
  if (exitCode === null) {
    throw new RetryableError(`${signal} ended ${nameOf(input)}${lastLineOf(stderr.text())}`, {
      code: 'command/signal',
      data: { exitCode, signal, ...printed.evidence() },
    });
  }
  const successExitCodes = input.successExitCodes ?? [0];
  if (!successExitCodes.includes(exitCode)) {
    throw new RetryableError(
      `Exit code ${exitCode}, expected ${successExitCodes.join(' or ')}, from ${nameOf(input)}${lastLineOf(stderr.text())}`,
      { code: 'command/exit', data: { exitCode, ...printed.evidence() } },
    );
  }
  const output = { exitCode, stderr: stderr.text(), truncated: printed.isTruncated };
  const isText = input.parse === undefined || input.parse === 'text';
  return outcome({
    output: isText ? { ...output, stdout: stdout.text() } : { ...output, value: parseOutput(input, ended) },
    cut: cutParts(input, printed),
  });
}

/** What is not whole. Who names the end to keep has thought of it: that may be read. */
function cutParts(input: CommandInput, printed: ProgramOutput): readonly CutPart[] {
  return (['stdout', 'stderr'] as const).flatMap((stream) => {
    const { isTruncated, keptBytes, totalBytes } = printed[stream];
    if (!isTruncated) return [];
    const part = { path: [stream], kept: input.keep ?? 'tail', keptBytes, totalBytes, advice: CUT_ADVICE };
    return [input.keep === undefined ? part : { ...part, asked: true }];
  });
}

const CUT_ADVICE =
  'Raise "maxOutputBytes", let the program write a file and hand on its path, or say by "keep: tail" or "keep: head" that one end is enough';

function parseOutput(input: CommandInput, { exitCode, printed }: ProgramEnd): Json {
  if (printed.stdout.isTruncated) {
    throw new TerminalError(
      `Command ${nameOf(input)} printed more than ${input.maxOutputBytes ?? maxOutputBytesDefault} bytes, so its output can not be parsed; raise "maxOutputBytes", or let it write a file and hand on its path`,
      { code: 'command/output-too-large', data: { exitCode, ...printed.evidence() } },
    );
  }
  const text = printed.stdout.text();
  if (input.parse === 'lines')
    return text.split(/\r?\n/).filter((line, index, all) => line !== '' || index < all.length - 1);
  try {
    return parseJson(text);
  } catch (cause) {
    throw new RetryableError(`Command ${nameOf(input)} did not print JSON: ${String(cause)}`, {
      code: 'command/invalid-json',
      data: { exitCode, ...printed.evidence() },
      cause,
    });
  }
}

/** Characters of a command that messages show: a command line may be a whole script, and whoever reads the message has it at hand. */
const lineShownMax = 40;
/** Name of a program, which is given as a name or a path. */
const programShownMax = 120;

/** The command, short enough for a message. */
export function nameOf({ command, shell }: Pick<CommandInput, 'command' | 'shell'>): string {
  const [first = ''] = command.trim().split(/[\r\n]/, 1);
  const max = shell === true ? lineShownMax : programShownMax;
  const isWhole = first.length <= max && first === command.trim();
  return `\`${isWhole ? first : `${first.slice(0, max)}…`}\``;
}

/** The last line of the program, for messages. */
function lastLineOf(stderr: string): string {
  const line = stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${cutText(line, 300)}`;
}

/** Where a command writes: results to standard output, all else to standard error, as text or as JSON. */
import colors from 'picocolors';
import { harmlessJson, withoutControls } from './harmless.ts';

export interface Output {
  /** True: answers are JSON, and nothing else goes to standard output. */
  readonly isJson: boolean;
  /** True when a live view may be drawn on standard output. */
  readonly isInteractive: boolean;
  /** Columns of the terminal; undefined for a pipe or file. */
  readonly columns: number | undefined;
  /** A line of the result. */
  line(text?: string): void;
  /** A JSON document of the result; `compact`: on one line. */
  json(value: unknown, compact?: boolean): void;
  /** A remark that is no part of the result; left out with `--json`. */
  note(text: string): void;
  /** The same output with the lines for people on standard error, because standard output is for something else. */
  onStandardError(): Output;
}

export interface OutputOptions {
  readonly isJson: boolean;
  /** Default false. */
  readonly isOnStandardError?: boolean;
}

export function createOutput({ isJson, isOnStandardError = false }: OutputOptions): Output {
  const { stdout, stderr } = process;
  const isTerminal = stdout.isTTY && process.env['TERM'] !== 'dumb';
  return {
    isJson,
    isInteractive: !isJson && !isOnStandardError && isTerminal && process.env['CI'] === undefined,
    columns: stdout.isTTY ? stdout.columns : undefined,
    line: (text = '') => void (isOnStandardError ? stderr : stdout).write(`${withoutControls(text)}\n`),
    json: (value, compact = false) =>
      void stdout.write(`${harmlessJson(JSON.stringify(value, null, compact ? undefined : 2))}\n`),
    note: (text) => {
      if (!isJson) stderr.write(`${colors.dim(withoutControls(text))}\n`);
    },
    onStandardError: () => createOutput({ isJson, isOnStandardError: true }),
  };
}

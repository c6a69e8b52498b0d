/** What went wrong, on one red line: what, where and what to do next; with `--json` as a JSON-RPC error. */
import { ConnectionError, RpcError } from '@coppice/client';
import colors from 'picocolors';
import { ExitCode } from './exit-code.ts';
import { harmlessJson, withoutControls } from './harmless.ts';
import { COPPICE } from './command-name.ts';

/** A mistake in how the command was used; the message says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** One line each, below the message. */
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/** The store or the server can not be used; the message says what to do. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** This process can not go on; the next one can. */
export class BrokenError extends Error {
  override readonly name = 'BrokenError';
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Coppice can not go on: ${reason}. Nothing that is stored is lost; start it again, and it goes on from there`,
      { cause },
    );
  }
}

interface Report {
  readonly message: string;
  /** One line each: violations, or a next step. */
  readonly details: readonly string[];
  readonly exitCode: number;
}

/** What to do after a refusal, by its code. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  'task/not-found': `List what there is with: ${COPPICE} tasks list`,
  'task/invalid-transition': `See what it waits for with: ${COPPICE} tasks explain ID; run all of it again with: ${COPPICE} tasks retry ID --mode start`,
  'run/already-running': `Watch it with: ${COPPICE} tasks watch ID; if the process that ran it is gone, go on with: ${COPPICE} resume`,
  'executor/not-found': `See what there is with: ${COPPICE} executors list`,
  'auth/unauthorized': 'Give the token of the server in the environment variable COPPICE_TOKEN',
};

/** Writes an error to standard error; answers the exit code. Unknown errors are faults of ours and show their stack with COPPICE_DEBUG. */
export function reportError(error: unknown, isJson: boolean): number {
  const { message, details, exitCode } = describe(error);
  if (isJson) {
    process.stderr.write(`${harmlessJson(JSON.stringify({ error: rpcErrorOf(error, message) }))}\n`);
    return exitCode;
  }
  const lines = [`${colors.red('✗')} ${colors.red(oneLine(message))}`, ...details.map((detail) => `  ${detail}`)];
  if (process.env['COPPICE_DEBUG'] !== undefined && error instanceof Error) lines.push(colors.dim(error.stack ?? ''));
  process.stderr.write(`${withoutControls(lines.join('\n'))}\n`);
  return exitCode;
}

function describe(error: unknown): Report {
  if (RpcError.is(error)) {
    const violations = error.errors.map(({ path, reason }) => `${colors.dim(pathText(path))} ${reason}`);
    const hint = typeof error.data['hint'] === 'string' ? error.data['hint'] : NEXT_STEPS[error.code];
    const details = hint === undefined ? violations : [...violations, colors.dim(hint)];
    return { message: `${error.message.replace(/\.$/, '')} (${error.code})`, details, exitCode: ExitCode.Failed };
  }
  if (ConnectionError.is(error)) return { message: error.message, details: [], exitCode: ExitCode.Unavailable };
  if (error instanceof UsageError) {
    return { message: error.message, details: error.details, exitCode: ExitCode.Usage };
  }
  if (error instanceof UnavailableError) return { message: error.message, details: [], exitCode: ExitCode.Unavailable };
  if (error instanceof BrokenError) return { message: error.message, details: [], exitCode: ExitCode.Broken };
  const code = codeOf(error) ?? '';
  return {
    message: error instanceof Error ? error.message : String(error),
    details: code === 'storage/locked' ? [colors.dim(LOCKED_HINT)] : [],
    exitCode: EXIT_CODE_OF_AREA[code.split('/', 1)[0] ?? ''] ?? ExitCode.Failed,
  };
}

const LOCKED_HINT = 'Wait for it to end, or stop it with Ctrl-C where it runs. Commands that only read work meanwhile.';

/** Exit codes of errors by the area of their code; other errors are failures. */
const EXIT_CODE_OF_AREA: Readonly<Record<string, number>> = {
  config: ExitCode.Usage,
  listen: ExitCode.Unavailable,
  storage: ExitCode.Unavailable,
};

function rpcErrorOf(error: unknown, message: string): unknown {
  if (RpcError.is(error)) return error.toJSON();
  const details = error instanceof UsageError && error.details.length > 0 ? { details: [...error.details] } : {};
  return { code: 0, message, data: { code: codeOf(error) ?? 'cli/failed', ...details } };
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof UsageError) return 'cli/usage';
  if (error instanceof UnavailableError) return 'cli/unavailable';
  if (error instanceof BrokenError) return 'cli/broken';
  const code = typeof error === 'object' && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** `tasks[3].policies.timeoutMs`. */
function pathText(path: readonly (string | number)[]): string {
  return (
    path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
      .join('')
      .replace(/^\./, '') || 'params'
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

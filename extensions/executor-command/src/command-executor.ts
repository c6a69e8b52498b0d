/**
 * The executor `command`: runs a program and answers what it printed.
 *
 * The attempt ends when the program has ended and its output is closed; processes it left in the background with the output
 * still open belong to it. On abort all its processes get SIGTERM, and SIGKILL after the grace period or once the program
 * itself has ended.
 */
import type { ChildProcess } from 'node:child_process';
import {
  RetryableError,
  TerminalError,
  type Executor,
  type ExecutorContext,
  type Json,
  type JsonObject,
} from '@coppice/core';
import {
  commandInputSchema,
  commandOutputSchema,
  inheritedEnv,
  killGraceMsDefault,
  maxOutputBytesDefault,
  type CommandInput,
} from './command-input.ts';
import { createOutputBuffer, type OutputBuffer } from './output-buffer.ts';
import { signalGroup, spawnGroup, toSpawnError } from './process-group.ts';

export function createCommandExecutor(): Executor {
  const running = new Set<ChildProcess>();
  // A group of its own gets no Ctrl-C from the terminal: when this process exits in a hurry, nobody else would end it.
  const killAll = (): void => running.forEach((child) => signalGroup(child, 'SIGKILL'));
  const track = (child: ChildProcess): void => {
    if (running.size === 0) process.on('exit', killAll);
    running.add(child);
  };
  const forget = (child: ChildProcess): void => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killAll);
  };

  return {
    type: 'command',
    description: 'Runs a program.',
    effects: 'external',
    onCrash: 'retry',
    input: commandInputSchema,
    output: commandOutputSchema,
    example: { command: 'git', args: ['log', '--oneline', '-5'], parse: 'lines' },
    async execute(input, ctx) {
      ctx.signal.throwIfAborted();
      const command = input as unknown as CommandInput;
      const child = spawnGroup(command, buildEnv(command, ctx));
      track(child);
      try {
        return toOutput(command, await finish(child, command, ctx));
      } finally {
        forget(child);
      }
    },
    close: killAll,
  };
}

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
}

/** Only what is allowed, what is asked for, and what tells the program which attempt it belongs to. */
function buildEnv({ env, inheritEnv = [] }: CommandInput, ctx: ExecutorContext): NodeJS.ProcessEnv {
  const inherited: NodeJS.ProcessEnv = {};
  for (const name of [...inheritedEnv, ...inheritEnv]) {
    if (process.env[name] !== undefined) inherited[name] = process.env[name];
  }
  return {
    ...inherited,
    COPPICE_TREE_ID: ctx.treeId,
    COPPICE_TASK_ID: ctx.taskId,
    COPPICE_ATTEMPT: String(ctx.attempt),
    COPPICE_IDEMPOTENCY_KEY: ctx.idempotencyKey,
    ...env,
  };
}

async function finish(child: ChildProcess, input: CommandInput, ctx: ExecutorContext): Promise<Ended> {
  const stdout = collect(child, 'stdout', { input, ctx });
  const stderr = collect(child, 'stderr', { input, ctx });
  writeStdin(child, input.stdin);
  let killTimer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    signalGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), input.killGraceMs ?? killGraceMsDefault);
  };
  ctx.signal.addEventListener('abort', abort, { once: true });
  try {
    const ended = await new Promise<Ended>((resolve, reject) => {
      child.once('error', (error) => reject(toSpawnError(error, input)));
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
    });
    if (ctx.signal.aborted) signalGroup(child, 'SIGKILL');
    ctx.signal.throwIfAborted();
    return ended;
  } finally {
    ctx.signal.removeEventListener('abort', abort);
    clearTimeout(killTimer);
  }
}

function collect(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  { input, ctx }: { readonly input: CommandInput; readonly ctx: ExecutorContext },
): OutputBuffer {
  let lastLine: string | undefined;
  const buffer = createOutputBuffer({
    maxBytes: input.maxOutputBytes ?? maxOutputBytesDefault,
    keep: input.keep ?? 'tail',
    line: (text) => {
      lastLine = text;
      ctx.logger.debug(text, { stream });
    },
  });
  child[stream]?.on('data', (chunk: Buffer) => {
    buffer.push(chunk);
    if (lastLine === undefined) ctx.heartbeat();
    else ctx.progress(0, lastLine);
    lastLine = undefined;
  });
  child[stream]?.once('end', () => buffer.end());
  return buffer;
}

function writeStdin(child: ChildProcess, stdin: Json | undefined): void {
  if (stdin === undefined || child.stdin === null) return;
  // A program may end without reading its input; that is its own business, and its exit code tells how it went.
  child.stdin.on('error', () => {});
  child.stdin.end(typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
}

function toOutput(input: CommandInput, ended: Ended): JsonObject {
  const stderr = ended.stderr.text();
  const truncated = ended.stdout.isTruncated || ended.stderr.isTruncated;
  const { exitCode, signal } = ended;
  const data = { exitCode, stdout: ended.stdout.text(), stderr, truncated };
  if (exitCode === null) {
    throw new RetryableError(`Command "${input.command}" was ended by ${signal}${lastLineOf(stderr)}`, {
      code: 'command/signal',
      data: { ...data, signal },
    });
  }
  const successExitCodes = input.successExitCodes ?? [0];
  if (!successExitCodes.includes(exitCode)) {
    throw new RetryableError(
      `Command "${input.command}" ended with exit code ${exitCode}, expected ${successExitCodes.join(' or ')}${lastLineOf(stderr)}`,
      { code: 'command/exit', data },
    );
  }
  const { stdout, ...rest } = { ...data, exitCode };
  if (input.parse === undefined || input.parse === 'text') return { ...rest, stdout };
  if (ended.stdout.isTruncated) {
    throw new TerminalError(
      `Command "${input.command}" printed more than ${input.maxOutputBytes ?? maxOutputBytesDefault} bytes, so its output can not be parsed; raise "maxOutputBytes"`,
      { code: 'command/output-too-large', data },
    );
  }
  return { ...rest, value: parseOutput(input, data) };
}

function parseOutput({ command, parse }: CommandInput, data: JsonObject & { readonly stdout: string }): Json {
  if (parse === 'lines')
    return data.stdout.split(/\r?\n/).filter((line, index, all) => line !== '' || index < all.length - 1);
  try {
    return JSON.parse(data.stdout) as Json;
  } catch (cause) {
    throw new RetryableError(`Command "${command}" did not print JSON: ${String(cause)}`, {
      code: 'command/invalid-json',
      data,
      cause,
    });
  }
}

/** For messages: what the program said last. */
function lastLineOf(stderr: string): string {
  const line = stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}

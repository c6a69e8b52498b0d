/**
 * A started program, from its start until it and what belongs to it have ended.
 *
 * 1. The attempt ends when the program has ended; its output is then read until it is closed, or has been silent for a moment.
 * 2. What the program left running in its group is ended, unless the task says `background`.
 * 3. On abort the whole group gets SIGTERM, and SIGKILL after the grace period or once the program itself has ended.
 * Processes that made a session of their own (`setsid`) are in no reach; they do not hold up the end.
 */
import type { ChildProcess } from 'node:child_process';
import { setImmediate as nextPoll, setTimeout as pause } from 'node:timers/promises';
import type { ExecutorContext } from '@coppice/extension';
import { killGraceMsDefault, type CommandInput } from './command-input.ts';
import type { ProgramEnd } from './command-result.ts';
import type { ProgramOutput } from './program-output.ts';
import { listProcesses } from './process-table.ts';
import { isGroupAlive, signalGroup, toSpawnError } from './process-group.ts';

/** Silence after which a program that has ended has nothing more to say, ms, and the longest wait for it. */
const DRAIN_QUIET_MS = 250;
const DRAIN_MAX_MS = 2_000;
/** Longest wait for the system to take away what got SIGKILL, ms. */
const KILL_MAX_MS = 1_000;

interface Run {
  readonly child: ChildProcess;
  readonly input: CommandInput;
  readonly ctx: ExecutorContext;
  readonly printed: ProgramOutput;
}

/** Throws the reason of an abort, or why the program could not be started. */
export async function untilEnded(run: Run): Promise<ProgramEnd> {
  const { child, input, ctx, printed } = run;
  const { signal } = ctx;
  const exited = new Promise<Omit<ProgramEnd, 'printed'>>((resolve, reject) => {
    child.on('error', (error) => reject(toSpawnError(error, input)));
    child.once('exit', (exitCode, by) => resolve({ exitCode, signal: by }));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let tellAborted = (): void => {};
  const aborted = new Promise<void>((resolve) => (tellAborted = resolve));
  signal.addEventListener('abort', tellAborted, { once: true });
  try {
    await Promise.race([exited, aborted]);
    if (signal.aborted) await endProgram(run, exited);
    const exit = await exited;
    await Promise.race([drain(printed, closed), aborted]);
    if (signal.aborted || input.background !== true) await endRest(run);
    await drain(printed, closed);
    signal.throwIfAborted();
    return { ...exit, printed };
  } finally {
    signal.removeEventListener('abort', tellAborted);
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    printed.end();
  }
}

/** SIGTERM to the group; SIGKILL when the grace period is over. */
async function endProgram({ child, input }: Run, exited: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await atMost(input.killGraceMs ?? killGraceMsDefault, exited);
  signalGroup(child, 'SIGKILL');
}

/** Ends what is left in the group of a program that has ended. */
async function endRest({ child, input, ctx }: Run): Promise<void> {
  if (!isGroupAlive(child)) return;
  if (!ctx.signal.aborted) {
    ctx.logger.warn('The program left processes in the background, which are ended; "background: true" keeps them');
    signalGroup(child, 'SIGTERM');
    await groupGone(child, input.killGraceMs ?? killGraceMsDefault);
  }
  signalGroup(child, 'SIGKILL');
  await groupGone(child, KILL_MAX_MS);
}

async function groupGone(child: ChildProcess, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  for (let waitMs = 5; performance.now() < end; waitMs = Math.min(2 * waitMs, 100)) {
    await pause(waitMs);
    if (!isGroupAlive(child)) return;
    // Where nobody takes away what has ended, the group seems to be alive for ever.
    const others = await listProcesses();
    if (others.length > 0 && !others.some(({ group }) => group === child.pid)) return;
  }
}

/** Reads what is in the pipes: until they are closed, or silent for a moment. */
async function drain(printed: ProgramOutput, closed: Promise<void>): Promise<void> {
  const end = performance.now() + DRAIN_MAX_MS;
  for (let seen = -1; printed.byteCount !== seen && performance.now() < end;) {
    seen = printed.byteCount;
    if (await atMost(DRAIN_QUIET_MS, closed)) return;
    // Timers come before what is to be read: a process that was busy for long would take its own silence for the program's.
    await nextPoll();
    await nextPoll();
  }
}

/** Answers whether the promise came within the limit. A promise that rejects counts as come. */
async function atMost(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), limitMs)));
  const come = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([come, limit]);
  } finally {
    clearTimeout(timer);
  }
}

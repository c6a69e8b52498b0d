/**
 * What still runs of an attempt whose Coppice process is gone (SIGKILL, a crash): found, and ended or waited for, before the attempt
 * is begun again.
 *
 * Two marks tell it. Each attempt records its process: number, time of start, and the Coppice process that started it (its owner). And each
 * program has the attempt and the owner in its environment, which children inherit: that finds what was started in the very moment
 * before the end, and what left the group. Nothing is touched whose owner still runs. On Windows nothing is found.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutorContext, JsonObject } from '@coppice/extension';
import { killGraceMsDefault, type CommandInput } from './command-input.ts';
import {
  findProcess,
  identityOf,
  listProcesses,
  mapInParts,
  readEnvironment,
  type ProcessEntry,
} from './process-table.ts';

/** Longest wait for the system to take away what got SIGKILL, ms. */
const KILL_MAX_MS = 1_000;
/** Waits between two looks, ms. */
const LOOK_MS = { first: 10, max: 500 };
/** The variable of a program's environment that names its owner. */
export const OWNER_VARIABLE = 'COPPICE_OWNER';

/** A process as an attempt records it. */
interface ProcessRecord extends JsonObject {
  readonly pid: number;
  readonly started: string;
  readonly owner: string;
}

/** All processes, and those whose owner is gone by the attempt that they belong to. */
interface Scan {
  readonly running: readonly ProcessEntry[];
  readonly identities: ReadonlySet<string>;
  readonly marked: ReadonlyMap<string, readonly ProcessEntry[]>;
}

/** The Coppice process; a promise where the system takes time to tell, undefined where it does not tell. */
export type Owner = ReturnType<typeof findProcess>;

/** What is to be ended: whole groups, and single processes that left them. */
interface Leftovers {
  readonly groups: ReadonlySet<number>;
  readonly alone: readonly number[];
  readonly count: number;
}

/** Records which process an attempt runs as. */
export function recordProcess(pid: number | undefined, owner: Owner, ctx: ExecutorContext): void {
  const entry = pid === undefined ? undefined : findProcess(pid);
  if (entry === undefined) return;
  const describe = async (): Promise<ProcessRecord> => {
    const [found, by] = await Promise.all([entry, owner]);
    if (found === undefined || by === undefined) throw new Error('the process has ended');
    return { pid: found.pid, started: found.started, owner: identityOf(by) };
  };
  // Refused when the attempt has ended meanwhile: there is nothing left to tell then.
  ctx.record(recordKey(ctx), describe).catch(() => undefined);
}

function recordKey({ attempt }: ExecutorContext): string {
  return `process of attempt ${attempt}`;
}

export class LeftProcesses {
  #scanning: Promise<Scan> | undefined;

  /** Ends what is left of the attempt, or waits for it, as the task says. */
  async end(input: CommandInput, ctx: ExecutorContext): Promise<void> {
    const record = await readRecord(ctx);
    const find = (): Promise<Leftovers> => this.#find(ctx, record);
    const { count } = await find();
    if (count === 0) return;
    const waits = input.onCrash === 'wait' && !ctx.signal.aborted;
    const what = waits ? 'it is waited for' : 'it is ended';
    ctx.logger.warn(`The program outlived the Coppice process that started it (${count} running); ${what}`);
    if (waits) await gone(find, Infinity, ctx);
    signalLeft(await find(), 'SIGTERM');
    if (await gone(find, input.killGraceMs ?? killGraceMsDefault)) return;
    signalLeft(await find(), 'SIGKILL');
    if (!(await gone(find, KILL_MAX_MS))) ctx.logger.error('What the former process left can not be ended');
  }

  async #find(ctx: ExecutorContext, record: ProcessRecord | undefined): Promise<Leftovers> {
    // Attempts that look at the same time share one look.
    this.#scanning ??= scan().finally(() => (this.#scanning = undefined));
    const { running, identities, marked } = await this.#scanning;
    const own = marked.get(attemptMark(ctx.treeId, ctx.taskId, String(ctx.attempt))) ?? [];
    const groups = new Set(
      own.filter(({ pid, group }) => pid === group || group === record?.pid).map(({ group }) => group),
    );
    if (record !== undefined && identities.has(identityOf(record)) && !identities.has(record.owner))
      groups.add(record.pid);
    const alone = own.filter(({ group }) => !groups.has(group)).map(({ pid }) => pid);
    return { groups, alone, count: running.filter(({ group }) => groups.has(group)).length + alone.length };
  }
}

/** What the attempt recorded. */
function readRecord(ctx: ExecutorContext): Promise<ProcessRecord | undefined> {
  const none = (): Promise<ProcessRecord> => Promise.reject(new Error('nothing was recorded'));
  return ctx.record(recordKey(ctx), none).catch(() => undefined);
}

async function scan(): Promise<Scan> {
  const running = await listProcesses();
  const identities = new Set(running.map(identityOf));
  const marked = new Map<string, ProcessEntry[]>();
  await mapInParts(running, async (entry) => {
    const environment = await readEnvironment(entry.pid);
    const valueOf = (name: string): string =>
      environment.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const owner = valueOf(OWNER_VARIABLE);
    if (owner === '' || identities.has(owner)) return undefined;
    const mark = attemptMark(valueOf('COPPICE_TREE_ID'), valueOf('COPPICE_TASK_ID'), valueOf('COPPICE_ATTEMPT'));
    marked.set(mark, [...(marked.get(mark) ?? []), entry]);
    return entry;
  });
  return { running, identities, marked };
}

function attemptMark(treeId: string, taskId: string, attempt: string): string {
  return JSON.stringify([treeId, taskId, attempt]);
}

function signalLeft({ groups, alone }: Leftovers, signal: NodeJS.Signals): void {
  for (const target of [...[...groups].map((group) => -group), ...alone]) {
    try {
      process.kill(target, signal);
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
}

/** Waits until nothing is left, at most so long, or until the attempt is cancelled. Answers whether nothing is left. */
async function gone(find: () => Promise<Leftovers>, limitMs: number, ctx?: ExecutorContext): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let waitMs = LOOK_MS.first; (await find()).count > 0; waitMs = Math.min(2 * waitMs, LOOK_MS.max)) {
    if (performance.now() > end || ctx?.signal.aborted === true) return false;
    await pause(waitMs);
  }
  return true;
}

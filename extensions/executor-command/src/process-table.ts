/**
 * The processes of this machine, as far as the system shows them: /proc on Linux, `ps` elsewhere, nothing on Windows.
 *
 * A process is told from a later one with the same number by the time of its start.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface ProcessEntry {
  readonly pid: number;
  readonly group: number;
  /** When it started, in the words of the system; only good for comparing. */
  readonly started: string;
}

const isLinux = process.platform === 'linux';
const hasPs = !isLinux && process.platform !== 'win32';
/** Names the boot of the machine: times of start count from it. */
const bootId = isLinux ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : '';
/** Processes that are read at once. */
const READ_AT_ONCE = 64;

/** Those that run; one that has ended and is not yet taken away does not count. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  if (isLinux) return listFromProc();
  return hasPs ? listFromPs(['-axo', PS_COLUMNS]) : [];
}

/** One process; undefined when it has ended, or can not be told. At once where the system allows it: a program may end soon. */
export function findProcess(pid: number): ProcessEntry | undefined | Promise<ProcessEntry | undefined> {
  if (isLinux) return findNow(pid);
  return hasPs ? listFromPs(['-o', PS_COLUMNS, '-p', String(pid)]).then(([entry]) => entry) : undefined;
}

/** Tells a process from all others, also later ones with its number. */
export function identityOf({ pid, started }: Pick<ProcessEntry, 'pid' | 'started'>): string {
  return `${pid} ${started}`;
}

function findNow(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The environment that a process was started with, as `NAME=value`; empty where the system does not tell. */
export async function readEnvironment(pid: number): Promise<readonly string[]> {
  return isLinux ? (await readProc(pid, 'environ')).split('\0') : [];
}

async function listFromProc(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return mapInParts(pids, async (pid) => parseStat(await readProc(pid, 'stat')));
}

/** What `read` answers for each, without those for which it answers nothing. Not all at once: each holds a file open. */
export async function mapInParts<From, To>(
  items: readonly From[],
  read: (item: From) => Promise<To | undefined>,
): Promise<readonly To[]> {
  const found: To[] = [];
  for (let at = 0; at < items.length; at += READ_AT_ONCE) {
    const part = await Promise.all(items.slice(at, at + READ_AT_ONCE).map(read));
    for (const each of part) if (each !== undefined) found.push(each);
  }
  return found;
}

/** Empty for a process that has ended, or belongs to somebody else. */
async function readProc(pid: number, file: 'stat' | 'environ'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** See proc(5): the name of the program stands in parentheses and may hold any character. */
function parseStat(text: string): ProcessEntry | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const startTicks = fields[19];
  if (state === undefined || state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
  return { pid: Number.parseInt(text, 10), group: Number(group), started: `${bootId} ${startTicks}` };
}

const PS_COLUMNS = 'pid=,pgid=,stat=,lstart=';

async function listFromPs(args: readonly string[]): Promise<readonly ProcessEntry[]> {
  try {
    const { stdout } = await promisify(execFile)('ps', args, { env: { LC_ALL: 'C', PATH: process.env['PATH'] } });
    return stdout.split('\n').flatMap((line) => parsePsLine(line) ?? []);
  } catch {
    return [];
  }
}

function parsePsLine(line: string): ProcessEntry | undefined {
  const [, pid, group, state, started] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
  if (started === undefined || state?.startsWith('Z') === true) return undefined;
  return { pid: Number(pid), group: Number(group), started };
}

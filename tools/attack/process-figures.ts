/** What the system says of a process: processor time of its main thread, and the most memory it has had. Linux; elsewhere undefined. */
import { readFile } from 'node:fs/promises';

/** Processor time of the thread that answers requests, ms. */
export async function mainThreadMs(pid: number): Promise<number | undefined> {
  const text = await readOptional(`/proc/${pid}/task/${pid}/schedstat`);
  return text === undefined ? undefined : Number(text.split(' ')[0]) / 1e6;
}

/** Peak of resident memory, MiB. */
export async function peakMemoryMiB(pid: number): Promise<number | undefined> {
  const text = await readOptional(`/proc/${pid}/status`);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(text ?? '')?.[1];
  return peak === undefined ? undefined : Math.round(Number(peak) / 1024);
}

async function readOptional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

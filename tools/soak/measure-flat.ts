/** Runs `flat-process.ts` and judges what it measured. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface FlatReport {
  readonly runs: number;
  readonly cycles: number;
  /** Bytes. */
  readonly heapGrowth: number;
  readonly handleGrowth: number;
}

/** What caches with a limit may still grow to, and the time limits of the client's last calls, which it lets go after half a minute. */
export const HEAP_GROWTH_MAX = 10_000_000;
/** Connections of the client that are kept open for the next request. */
export const HANDLE_GROWTH_MAX = 40;

/** `leak`: each run leaves something behind, to see that it is seen. */
export async function measureFlat(
  runs: number,
  cycles: number,
  options: { readonly leak?: boolean } = {},
): Promise<FlatReport> {
  const program = fileURLToPath(new URL('flat-process.ts', import.meta.url));
  const args = ['--expose-gc', '--conditions=coppice-source', program, String(runs), String(cycles)];
  const { stdout } = await promisify(execFile)(process.execPath, options.leak === true ? [...args, 'leak'] : args);
  return JSON.parse(stdout) as FlatReport;
}

export function isFlat({ heapGrowth, handleGrowth }: FlatReport): boolean {
  return heapGrowth <= HEAP_GROWTH_MAX && handleGrowth <= HANDLE_GROWTH_MAX;
}

/** The machine and the code that figures belong to, described so that they name nobody. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  /** Processes that wanted a core in the last minute, when the run began. */
  readonly load: number;
  /** Short hash of the commit; a `+` follows when files differ from it. */
  readonly commit: string;
}

export function readMachine(): Machine {
  const commit = git('rev-parse', '--short', 'HEAD');
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
    commit: git('status', '--porcelain', '--', 'packages', 'extensions') === '' ? commit : `${commit}+`,
  };
}

export function describeMachine({ cores, memoryGiB, platform, node, load, commit }: Machine): string {
  return `${cores} cores, ${memoryGiB} GiB of memory, ${platform}, Node ${node}; load ${load.toFixed(1)} at the start; commit ${commit}`;
}

function git(...args: readonly string[]): string {
  return spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? '';
}

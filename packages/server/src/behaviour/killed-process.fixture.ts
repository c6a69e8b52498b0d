/** Processes with an engine that tests kill. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Tasks } from './bench.fixture.ts';

export interface EngineProcess {
  readonly child: ChildProcess;
  /** The first line that begins so. */
  line(beginning: string): Promise<string>;
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('./engine-process.fixture.ts', import.meta.url));

/** Starts a program that runs the tasks, or goes on with what a killed one left. It is killed at the end of the test. */
export function engineProcess(dir: string, extension: string, tasks?: Tasks): EngineProcess {
  const args = ['--conditions=coppice-source', program, join(dir, 'data'), extension];
  const child = spawn(process.execPath, tasks === undefined ? args : [...args, JSON.stringify(tasks)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const line = (beginning: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((each) => each.startsWith(beginning));
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void exited.then(() => reject(new Error(`ended without a line "${beginning}": ${lines.join(' | ')}`)));
    });
  return { child, line, kill };
}

/** Child processes that are killed with SIGKILL, and what must hold of the log that they leave. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { appendOf, fold, type RunEvent, type RunState } from '@coppice/core';
import { InvariantChecker } from '@coppice/testkit/simulation';

export interface Begun {
  readonly child: ChildProcess;
  /** It has printed `ready`, or has ended. */
  readonly ready: Promise<unknown>;
  /** Lines of both outputs. */
  readonly output: string[];
}

/** `program`: file name beside this one. */
export function begin(program: string, parameters: readonly string[]): Begun {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=coppice-source', file, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const exited = once(child, 'exit');
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      if (line === 'ready') resolve();
    });
  });
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
  return { child, ready: Promise.race([ready, exited]), output };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The lines of a file; none when there is no such file. */
export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : [];
}

/** The log through the checker, event by event, beside the fold of the whole. `global`: attempts at once. */
export function check(events: readonly RunEvent[], global: number): RunState {
  const checker = new InvariantChecker({ global });
  let run: RunState | undefined;
  for (const event of events) {
    run = fold([event], run) as RunState;
    checker.prepare([appendOf(run, [event])])();
  }
  checker.settled();
  return run as RunState;
}

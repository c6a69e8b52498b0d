/** Runs one measurement in a fresh process. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RESULT_MARKER, type Figures } from '../../bench/measurement.ts';
import { PROFILE_VARIABLE } from '../../bench/processor-profile.ts';

const root = resolve(import.meta.dirname, '../..');

export interface SpawnOptions {
  /** Measurement and its parameters. */
  readonly child: readonly string[];
  readonly timeoutMs: number;
  /** Where to write a processor profile of what is measured. */
  readonly profileFile?: string | undefined;
}

/** The figures of the child. Rejects with the end of what it wrote when it fails or takes too long. */
export async function spawnMeasurement({ child, timeoutMs, profileFile }: SpawnOptions): Promise<Figures> {
  const entry = join(root, 'bench/child.ts');
  const args = ['--conditions=coppice-source', '--expose-gc', entry, ...child];
  const spawned = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // Children start in half the time when they need not strip types again.
      NODE_COMPILE_CACHE: join(tmpdir(), 'coppice-bench-cache'),
      ...(profileFile === undefined ? {} : { [PROFILE_VARIABLE]: profileFile }),
    },
  });
  let out = '';
  let err = '';
  spawned.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  spawned.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const timer = setTimeout(() => spawned.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number | null>((done, fail) => {
    spawned.once('error', fail);
    spawned.once('close', done);
  });
  clearTimeout(timer);
  const line = out.split('\n').findLast((each) => each.startsWith(RESULT_MARKER));
  if (code === 0 && line !== undefined) return JSON.parse(line.slice(RESULT_MARKER.length)) as Figures;
  const reason = code === null ? `no result after ${timeoutMs / 1000} s` : `exit code ${code}`;
  throw new Error(`${child.join(' ')}: ${reason}\n${err.trim().split('\n').slice(-12).join('\n')}`);
}

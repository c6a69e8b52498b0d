/** Runs a measurement in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { RESULT_MARKER, type Figures } from '../../bench/measurement.ts';
import { PROFILE_VARIABLE } from '../../bench/processor-profile.ts';

const root = resolve(import.meta.dirname, '../..');

export interface SpawnOptions {
  /** Measurement and its parameters. */
  readonly child: readonly string[];
  /** Limit of each measure. */
  readonly timeoutMs: number;
  /** Where to write a processor profile of what is measured. */
  readonly profileFile?: string | undefined;
}

/** A process that measures. Its methods reject with the end of what it wrote when it fails or takes too long. */
export class Measurement {
  readonly #options: SpawnOptions;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #results: AsyncIterator<string, undefined>;
  #isFirst = true;
  #errors = '';

  constructor(options: SpawnOptions) {
    this.#options = options;
    const { child, profileFile } = options;
    const entry = join(root, 'bench/child.ts');
    const args = ['--conditions=coppice-source', '--expose-gc', entry, ...child];
    const spawned = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'pipe',
      env: {
        ...process.env,
        // Children start in half the time when they need not strip types again.
        NODE_COMPILE_CACHE: join(tmpdir(), 'coppice-bench-cache'),
        ...(profileFile === undefined ? {} : { [PROFILE_VARIABLE]: profileFile }),
      },
    });
    spawned.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    // A process that has ended says why by its exit.
    spawned.stdin.on('error', () => {});
    this.#process = spawned;
    this.#results = createInterface({ input: spawned.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((done, fail) => {
      spawned.once('error', fail);
      spawned.once('close', done);
    });
  }

  /** The next figures. */
  async measure(): Promise<Figures> {
    if (!this.#isFirst) this.#process.stdin?.write('again\n');
    this.#isFirst = false;
    return this.#limited(async () => {
      for (;;) {
        const line = await this.#results.next();
        if (line.done === true) throw this.#failure(await this.#ended);
        if (line.value.startsWith(RESULT_MARKER)) return JSON.parse(line.value.slice(RESULT_MARKER.length)) as Figures;
      }
    });
  }

  /** Ends the process; rejects when it finds something wrong with what it did. */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    const code = await this.#limited(() => this.#ended);
    if (code !== 0) throw this.#failure(code);
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), this.#options.timeoutMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(code: number | null): Error {
    const { child, timeoutMs } = this.#options;
    const reason = code === null ? `no result after ${timeoutMs / 1000} s` : `exit code ${code}`;
    return new Error(`${child.join(' ')}: ${reason}\n${this.#errors.trim().split('\n').slice(-12).join('\n')}`);
  }
}

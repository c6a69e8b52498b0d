import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const clone = path.resolve(import.meta.dirname, '../..');
const leftOut = new Set(['node_modules', '.git', '.coppice', '.nx', 'coverage', 'dist']);
const definition = path.join('examples', 'repository-report', 'repository-report.coppice.yaml');

let base: string;
let copy: string;
let copies = 0;

beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'coppice-demo-'));
});

afterAll(async () => {
  await rm(base, { recursive: true });
});

/** A clone without history, in which nothing has run yet. */
beforeEach(async () => {
  copies += 1;
  copy = path.join(base, `a copy ${copies}`);
  await cp(clone, copy, { recursive: true, filter: (source) => !leftOut.has(path.basename(source)) });
  await symlink(path.join(clone, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
});

type Command = ChildProcessByStdio<null, Readable, Readable>;

function start(command: string, args: readonly string[], cwd = copy): Command {
  return spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
}

function coppice(...args: string[]): Command {
  return start(process.execPath, [
    '--conditions=coppice-source',
    path.join('packages', 'cli', 'src', 'main.ts'),
    ...args,
  ]);
}

async function end(command: Command): Promise<{ readonly code: number | null; readonly text: string }> {
  let text = '';
  for (const stream of [command.stdout, command.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
  const [code] = (await once(command, 'close')) as [number | null];
  return { code, text };
}

function readReport(): Promise<string> {
  return readFile(path.join(copy, '.coppice', 'reports', 'repository-report.md'), 'utf8');
}

function git(...args: string[]): void {
  const identity = ['-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: copy, stdio: 'pipe' });
}

/** The parts of an event that are looked at. */
interface Event {
  readonly type: string;
  readonly taskId?: string;
  readonly data: { readonly definition?: { readonly tasks: readonly { readonly id: string; readonly key: string }[] } };
}

/** Ends of tasks by key, from the output of `--json`. */
function endsOf(text: string): Readonly<Record<string, string>> {
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
  const tasks = events.flatMap(({ data }) => data.definition?.tasks ?? []);
  const keys = new Map(tasks.map(({ id, key }) => [id, key]));
  return Object.fromEntries(
    events
      .filter(({ type }) => /^Task(Completed|Failed|Skipped|Cancelled)$/.test(type))
      .map(({ type, taskId }) => [keys.get(taskId ?? '') ?? '', type]),
  );
}

describe('the repository report', () => {
  it('is written by `npm run demo`, with the history of the clone, and says where it is', async () => {
    git('init', '--quiet');
    git('add', 'README.md');
    git('-c', 'user.name=Ada', 'commit', '--quiet', '--message=first');
    git('add', 'package.json', 'LICENSE');
    git('-c', 'user.name=Grace', 'commit', '--quiet', '--message=second');
    git('-c', 'user.name=Grace', 'commit', '--quiet', '--message=third', '--allow-empty');

    const { code, text } = await end(start('npm', ['run', '--silent', 'demo']));

    expect(text).toContain('.coppice/reports/repository-report.md');
    expect(code).toBe(0);
    const report = await readReport();
    expect(report).toContain('3 commits.');
    expect(report).toMatch(/\| Grace \| 2 \|\n\| Ada \| 1 \|/);
    expect(report).toMatch(/\| TypeScript \| [\d,]+ \| [\d,]+ \| \d+ % \| █/);
    expect(report).toMatch(/\| `packages\/` \|/);
    expect(report).toMatch(/\| MIT \| \d+ \| permissive \|/);
    expect(report).toMatch(/\| Largest packages \| Size \|/);
    // Two attempts were refused, the third was not; then the verdicts and the stop.
    expect(report).toContain('it answered 5 requests, 2 of them with "not yet"');
    expect(report).not.toMatch(/undefined|NaN|\[object/);
  });

  it('says so when there is no history, whatever lies around the clone', async () => {
    execFileSync('git', ['init', '--quiet', base]);
    const { code } = await end(
      start(
        'node',
        ['--conditions=coppice-source', '../../packages/cli/src/main.ts', 'run', 'repository-report.coppice.yaml'],
        path.join(copy, 'examples', 'repository-report'),
      ),
    );
    expect(code).toBe(0);
    expect(await readReport()).toContain('This clone has no history that could be read');
  });

  it('is finished by `coppice resume` after the process was killed (R-CP-10)', async () => {
    const killed = coppice('run', '--json', definition);
    for await (const line of createInterface(killed.stdout)) {
      if ((JSON.parse(line) as Event).type === 'RetryScheduled') killed.kill('SIGKILL');
    }
    await expect(readReport()).rejects.toThrow('ENOENT');

    const { code } = await end(coppice('resume', '--json'));

    expect(code).toBe(0);
    expect(await readReport()).toContain('## Languages');
  });

  it('stops the service it started, and tells what failed, when a task fails', async () => {
    await writeFile(path.join(copy, 'package-lock.json'), 'no lockfile');
    const { code, text } = await end(coppice('run', '--json', definition));
    expect(code).toBe(1);
    expect(endsOf(text)).toMatchObject({
      licences: 'TaskFailed',
      verdicts: 'TaskSkipped',
      stop: 'TaskCompleted',
      service: 'TaskCompleted',
      report: 'TaskSkipped',
    });
  });
});

/** The doctor finds whatever is damaged, and mends what is safe to mend. */
import { chmod, cp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { newDir, start } from '../behaviour/bench.fixture.ts';
import { parseConfig } from '../config.ts';
import { examine, type DoctorOptions, type Finding } from './doctor.ts';

const TREE = [
  { name: 'root' },
  { name: 'one', parentId: 'root', executor: 'echo' },
  { name: 'two', parentId: 'root', executor: 'echo', dependencies: ['one'] },
];

/** A data directory with two runs that have ended. */
async function ranTwice(tree: Parameters<Awaited<ReturnType<typeof start>>['run']>[0] = TREE): Promise<string> {
  const dir = await newDir();
  const bench = await start({ dir });
  for (let at = 0; at < 2; at++) await bench.run(tree);
  await bench.stop();
  // The bench looks at its own directory when the test has ended, and must find it sound.
  const copy = await newDir();
  await cp(dir, copy, { recursive: true });
  return copy;
}

function damage(dir: string, sql: string): void {
  const database = new Database(join(dir, 'coppice.db'));
  database.exec(sql);
  database.close();
}

async function examined(dataDir: string, more: Omit<DoctorOptions, 'config'> = {}): Promise<readonly Finding[]> {
  const parsed = parseConfig({ dataDir });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const findings: Finding[] = [];
  for await (const finding of examine({ config: parsed.config, ...more })) findings.push(finding);
  return findings;
}

const problems = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ severity }) => severity === 'problem').map(({ text }) => text);

const LAST = 'no = (SELECT max(no) FROM event)';
const MIDDLE = 'no = (SELECT no FROM event ORDER BY no LIMIT 1 OFFSET 1)';

describe('the doctor', () => {
  it('has nothing to say against a store that was never touched', async () => {
    const findings = await examined(await ranTwice());
    expect(problems(findings)).toEqual([]);
    expect(findings.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^2 runs with \d+ events looked at$/),
    );
  });

  it.each<[string, string, RegExp]>([
    ['a row of a tree that was changed', `UPDATE tree SET counts = '[0,0,0,0,0,0,0,0]'`, /counts is .*, the log says/],
    ['a row of a task that was changed', 'UPDATE task_execution SET attempt = 7', /attempt is 7, the log says 1/],
    ['a row that is gone', 'DELETE FROM task_execution', /status is "pending", the log says "completed"/],
    [
      'rows of a tree that is gone',
      `INSERT INTO task_log VALUES (99 << 32, 'x', 1, 1, 1, 1, '[0]')`,
      /1 row of task_log/,
    ],
    ['a content that no tree uses', `INSERT INTO content (hash, text) VALUES (x'00', '0')`, /1 row of content/],
    [
      'a snapshot that is none',
      `INSERT INTO snapshot (tree_id, seq, version, state, pieces, checksum) SELECT id, 2, 2, '{}', 0, 'x' FROM tree`,
      /The snapshot at event 2 can not be used/,
    ],
    [
      'an end of a log that was lost while it was written',
      `UPDATE event SET lines = substr(lines, 1, length(lines) - 9) WHERE ${LAST}`,
      /The log can not be read: event/,
    ],
  ])('finds and mends %s', async (_, sql, expected) => {
    const dir = await ranTwice();
    damage(dir, sql);
    const found = await examined(dir);
    expect(problems(found)).toContainEqual(expect.stringMatching(expected));
    expect(found.some(({ isRepaired }) => isRepaired)).toBe(false);
    const mended = (await examined(dir, { repairs: true })).filter(({ severity }) => severity === 'problem');
    expect(mended.map(({ text }) => text)).toEqual(problems(found));
    expect(mended.every(({ isRepaired }) => isRepaired)).toBe(true);
    expect(problems(await examined(dir))).toEqual([]);
  });

  it.each([
    [
      'a damaged middle of a log',
      `UPDATE event SET lines = substr(lines, 1, 20) || '#' || substr(lines, 22) WHERE ${MIDDLE}`,
    ],
    ['an end of a log that somebody deleted', `DELETE FROM event WHERE ${LAST}`],
  ])('finds %s, and leaves it as it is: a repair loses nothing', async (_, sql) => {
    const dir = await ranTwice();
    damage(dir, sql);
    const found = problems(await examined(dir));
    expect(found).toEqual([expect.stringContaining('The log can not be read')]);
    const after = await examined(dir, { repairs: true });
    expect(problems(after)).toEqual(found);
    expect(after.find(({ severity }) => severity === 'problem')?.advice).toContain('coppice tasks delete');
  });

  it('finds a large value that is gone, with its event, and leaves the log as it is', async () => {
    const dir = await ranTwice([
      { name: 'root' },
      { name: 'one', parentId: 'root', executor: 'echo', inputs: { text: 'x'.repeat(10_000) } },
    ]);
    damage(dir, 'DELETE FROM content');
    const gone = /The log can not be read: event \d+: its content [0-9a-f]{64} is missing/;
    const found = problems(await examined(dir, { repairs: true }));
    expect(found.filter((text) => gone.test(text))).toHaveLength(2);
  });

  it.skipIf(process.platform === 'win32')('finds and mends a file that others can read', async () => {
    const dir = await ranTwice();
    const file = join(dir, 'coppice.db');
    await chmod(file, 0o644);
    expect(problems(await examined(dir))[0]).toContain('coppice.db (mode 644)');
    await examined(dir, { repairs: true });
    expect(problems(await examined(dir))).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('names a file that is no database', async () => {
    const dir = await ranTwice();
    await writeFile(join(dir, 'coppice.db'), 'long enough to be looked at, and no database '.repeat(200));
    expect(problems(await examined(dir)).join('\n')).toContain('no SQLite database');
    expect(problems(await examined(dir, { repairs: true })).join('\n')).toContain('no SQLite database');
  });

  it('looks while a run goes on and finds nothing wrong; to mend something it must be alone', async () => {
    const dir = await newDir();
    const bench = await start({ dir });
    const tree = await bench.begin([{ name: 'root' }, { name: 'a', parentId: 'root', executor: 'work' }]);
    const held = await bench.work.started('a');
    const findings = await examined(dir);
    expect(problems(findings)).toEqual([]);
    expect(findings.map(({ advice }) => advice)).toContain('Go on with: coppice resume');
    expect((await examined(dir, { isServed: true })).map(({ advice }) => advice)).not.toContain(
      'Go on with: coppice resume',
    );
    await expect(examined(dir, { repairs: true })).rejects.toMatchObject({ code: 'storage/locked' });
    held.complete();
    expect(await bench.settled(tree)).toBe('completed');
  });
});

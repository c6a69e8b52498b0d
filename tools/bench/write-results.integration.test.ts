import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeResults } from './write-results.ts';

const machine = { cores: 2, memoryGiB: 24, platform: 'linux-x64', node: 'v24.0.0', load: 0.25, commit: 'abc1234' };

test('a group that was measured again is replaced, the others stay', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'coppice-results-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'RESULTS.md');
  const write = (name: string, text: string): void =>
    writeResults(file, { machine, tables: [{ name, text: `## ${name}\n\n${text}`, rounds: '1 to 5' }] });
  write('one', 'first');
  write('two', 'second');
  write('one', 'third');
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain('first');
  expect(text.match(/^## .*$/gm)).toEqual(['## one', '## two']);
  expect(text).toContain(
    'third\n\nRounds: 1 to 5. 2 cores, 24 GiB of memory, linux-x64, Node v24.0.0; load 0.3 at the start; commit abc1234.',
  );
});

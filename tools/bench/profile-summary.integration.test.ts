import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readProfile } from './profile-summary.ts';

function frame(functionName: string, url = ''): object {
  return { functionName, url, lineNumber: 9 };
}

test('time is that of a function itself, and of all it calls; recursion is counted once; native code is named after its caller', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'coppice-profile-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'profile.json');
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2] },
      { id: 2, callFrame: frame('append', 'file:///home/me/packages/storage/src/a.ts'), children: [3, 4] },
      { id: 3, callFrame: frame('append', 'file:///home/me/packages/storage/src/a.ts') },
      { id: 4, callFrame: frame('') },
    ],
    samples: [2, 3, 4, 4],
    timeDeltas: [1000, 2000, 3000, 4000],
  };
  await writeFile(file, JSON.stringify(profile));
  const name = 'append packages/storage/src/a.ts:10';
  expect(readProfile(file)).toEqual([
    { name: `(native) in ${name}`, selfMs: 7, totalMs: 7 },
    { name, selfMs: 3, totalMs: 10 },
    { name: '(root)', selfMs: 0, totalMs: 10 },
  ]);
});

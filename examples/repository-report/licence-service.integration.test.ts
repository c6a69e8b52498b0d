import { testExecutor, type ExecutorTest } from '@coppice/testkit';
import { describe, expect, it } from 'vitest';
import { findFreePort, judge, serve } from './licence-service.ts';

async function start(): Promise<{ readonly port: number; readonly attempt: ExecutorTest }> {
  const port = await findFreePort();
  const attempt = testExecutor(
    { type: 'serve', description: 'Serves.', effects: 'external', execute: (_input, ctx) => serve({ port }, ctx) },
    {},
  );
  await attempt.until(({ progress }) => progress.some(({ message }) => message === `listening on port ${port}`));
  return { port, attempt };
}

describe('the licence service', () => {
  it('refuses two attempts, judges, and ends when it is told to stop', async () => {
    const { port, attempt } = await start();
    const url = `http://127.0.0.1:${port}`;
    const statuses = [];
    for (const number of [1, 2, 3]) statuses.push((await fetch(`${url}/health?attempt=${number}`)).status);
    expect(statuses).toEqual([503, 503, 200]);
    const verdicts = await fetch(`${url}/verdicts`, { method: 'POST', body: '["MIT","Odd"]' });
    expect(await verdicts.json()).toEqual([
      { licence: 'MIT', kind: 'permissive' },
      { licence: 'Odd', kind: 'unknown' },
    ]);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    await fetch(`${url}/stop`, { method: 'POST' });
    expect((await attempt).output).toEqual({ port, requests: 6, refused: 2 });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('ends when its attempt is aborted (R-TO-06)', async () => {
    const { port, attempt } = await start();
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  });

  it.each([
    ['MIT', 'permissive'],
    ['(MIT OR GPL-3.0)', 'permissive'],
    ['GPL-2.0-only OR Apache-2.0', 'permissive'],
    ['MPL-2.0', 'weak copyleft'],
    ['LGPL-3.0-only', 'weak copyleft'],
    ['AGPL-3.0', 'strong copyleft'],
    ['MIT AND GPL-3.0', 'strong copyleft'],
    ['SEE LICENSE IN x', 'unknown'],
  ])('judges %s as %s', (licence, kind) => {
    expect(judge(licence)).toEqual({ licence, kind });
  });
});

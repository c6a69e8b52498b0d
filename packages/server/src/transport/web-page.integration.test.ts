import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { fakeEngine } from '../rpc/fake-engine.fixture.ts';
import { httpBench } from './http.fixture.ts';
import type { HttpBench } from './http.fixture.ts';
import { readFirst } from './web-page.ts';

const host = '127.0.0.1:7420';
let served: HttpBench | undefined;

afterEach(async () => {
  await served?.app.close();
  served = undefined;
});

it('serves nothing but its six names, to its own host only', async () => {
  served = await httpBench(fakeEngine());
  const { app } = served;
  for (const url of ['/../package.json', '/page.js/../../package.json', '/%2e%2e/package.json', '/index.html']) {
    expect((await app.inject({ url, headers: { host } })).statusCode).toBe(404);
  }
  expect((await app.inject({ url: '/', headers: { host: 'elsewhere.example' } })).statusCode).toBe(403);
});

it('takes a file from the first folder that has it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-page-'));
  await writeFile(join(folder, 'a.txt'), 'here');
  const url = new URL(`file://${folder}/`).href;
  expect((await readFirst([`${url}nowhere/`, url], 'a.txt'))?.toString()).toBe('here');
  expect(await readFirst([url], 'b.txt')).toBeUndefined();
  await rm(folder, { recursive: true });
});

/** Signed links over HTTP: the form of one wait, one answer, and what an attacker may try. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskSubmission } from '@coppice/core';
import { systemClock } from '@coppice/engine';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createServer } from '../composition/create-server.ts';
import type { Server } from '../composition/create-server.ts';
import { parseConfig } from '../config.ts';

const FORM = {
  type: 'object',
  required: ['topic'],
  properties: {
    topic: { type: 'string', enum: ['sales', 'stock'], title: 'Topic' },
    days: { type: 'integer', minimum: 1, default: 7 },
    isUrgent: { type: 'boolean' },
  },
};
const TASKS: readonly TaskSubmission[] = [
  { id: 'r' },
  { id: 'ask', parentId: 'r', approval: { title: 'Ship <it>?', text: 'Two\nlines', form: FORM, approvers: ['mia'] } },
  { id: 'other', parentId: 'r', wait: { signal: 'go' } },
  { id: 'later', parentId: 'r', dependencies: ['ask'], wait: { signal: 'never' } },
];

let server: Server;
let dataDir: string;
let nowMs: number;
let ids: Readonly<Record<string, string>>;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'coppice-links-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await begin();
});

async function begin(): Promise<void> {
  nowMs = Date.now();
  const parsed = parseConfig({ dataDir, listen: { port: 0 } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const clock = { ...systemClock, nowMs: () => nowMs };
  server = await createServer(parsed.config, { builtIns: false, logLevel: 'silent', clock });
  await server.start();
  onTestFinished(() => server.stop({ graceMs: 0 }));
  const created = await server.engine.create({ tasks: TASKS }, { userId: 'local', reidentify: true });
  if (!created.ok) throw new Error(created.rejection.message);
  await server.engine.execute(created.value);
  const tasks = await server.engine.index.listTasks(created.value);
  ids = Object.fromEntries(tasks.map(({ key, id }) => [key, id]));
}

async function link(task: string, more: object = {}): Promise<string> {
  const token = (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const response = await fetch(`${server.address?.url}/rpc`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'waits.link', params: { taskId: ids[task], ...more } }),
  });
  const { result, error } = (await response.json()) as { result?: { path: string }; error?: { message: string } };
  if (result === undefined) throw new Error(error?.message);
  return `${server.address?.url}${result.path}`;
}

const get = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
};
const post = async (
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) => {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  return { status: response.status, text: await response.text() };
};
const statusOf = async (task: string) => (await server.engine.index.findTask(ids[task] as never))?.status;

describe('a link to a wait', () => {
  it('shows its form, and takes one answer, by whom it was made for', async () => {
    const url = await link('ask', { name: 'Mia' });
    const page = await get(url);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<h1>Ship &lt;it&gt;?</h1>');
    expect(page.text).toContain('Two\nlines');
    expect(page.text).toMatch(/<option value="sales">/);
    expect(page.text).toMatch(/name="value\.days" value="7"/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await statusOf('ask')).toBe('waiting');
    const wrong = await post(url, { decision: 'approve', 'value.days': '0', comment: 'so "be" it' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toMatch(/values\.topic is missing|values\.topic/);
    expect(wrong.text).toContain('so &quot;be&quot; it');
    const done = await post(url, {
      decision: 'approve',
      'value.topic': 'stock',
      'value.isUrgent': 'on',
      comment: 'fine',
    });
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('Approved') as string });
    const task = await server.engine.index.findTask(ids['ask'] as never);
    expect(task?.output).toMatchObject({
      approved: true,
      by: { userId: 'link (Mia)', face: 'page' },
      comment: 'fine',
      values: { topic: 'stock', days: 7, isUrgent: true },
    });
    for (const again of [await get(url), await post(url, { decision: 'reject' })])
      expect(again).toMatchObject({
        status: 410,
        text: expect.stringContaining('Nobody waits for this answer') as string,
      });
  });

  it('rejects without a filled-in form, and sends a value to a wait for a signal', async () => {
    expect((await post(await link('ask'), { decision: 'reject' })).text).toContain('Rejected');
    expect(await statusOf('later')).toBe('skipped');
    const other = await link('other');
    expect((await post(other, { value: '{' })).text).toContain('Value as JSON is no JSON.');
    expect((await post(other, { value: '{"n":1}' })).text).toContain('Sent');
    expect((await server.engine.index.findTask(ids['other'] as never))?.output).toEqual({ n: 1 });
  });

  it('has a key that only its owner can read, which outlives the server and is in no log', async () => {
    const url = await link('ask');
    const file = join(dataDir, 'link-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const path = new URL(url).pathname;
    await server.stop({ graceMs: 0 });
    await begin();
    expect((await get(`${server.address?.url}${path}`)).status).toBe(200);
    expect(await readdir(dataDir)).toContain('link-key');
  });
});

describe('an attacker with a link', () => {
  it('can not change it: the task, the time or the signature', async () => {
    const url = await link('ask');
    const [body = '', signature = ''] = url.split('/answer/')[1]?.split('.') ?? [];
    const content = JSON.parse(Buffer.from(body, 'base64url').toString()) as (string | number)[];
    const forged = (change: (content: (string | number)[]) => void): string => {
      const other = [...content];
      change(other);
      return `${Buffer.from(JSON.stringify(other)).toString('base64url')}.${signature}`;
    };
    const tokens = [
      forged((each) => (each[0] = ids['other'] ?? '')),
      forged((each) => (each[2] = Number(each[2]) + 1)),
      forged((each) => each.push('Eve')),
      `${body}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
      `${body}.${signature}.x`,
      `${body}.`,
      body,
      '',
      '%00',
      'x'.repeat(5_000),
      `${body}.${signature.slice(0, -1)}`,
    ];
    for (const token of tokens) {
      const target = `${server.address?.url}/answer/${token}`;
      for (const answered of [await get(target), await post(target, { decision: 'approve', 'value.topic': 'sales' })]) {
        expect(answered.status, token).toBeGreaterThanOrEqual(400);
        expect(answered.text, token).not.toContain('Ship');
      }
    }
    expect(await statusOf('ask')).toBe('waiting');
  });

  it('can not use it after its time, or for a wait that began later', async () => {
    const url = await link('ask', { expiresInMs: 1_000 });
    nowMs += 999;
    expect((await get(url)).status).toBe(200);
    nowMs += 1;
    for (const late of [await get(url), await post(url, { decision: 'approve', 'value.topic': 'sales' })])
      expect(late).toMatchObject({ status: 410, text: expect.stringContaining('This link has expired') as string });
    const second = await link('ask', { expiresInMs: 60_000 });
    const treeId = ids['r'] as never;
    await server.engine.cancel(treeId);
    nowMs += 5;
    await server.engine.retry(treeId, { mode: 'start' });
    await expect.poll(() => statusOf('ask')).toBe('waiting');
    expect((await post(second, { decision: 'approve', 'value.topic': 'sales' })).status).toBe(410);
    expect(await statusOf('ask')).toBe('waiting');
  });

  it('can not make a browser answer from a page of another site', async () => {
    const url = await link('ask');
    for (const origin of ['https://evil.example', 'null']) {
      const crossed = await post(url, { decision: 'approve', 'value.topic': 'sales' }, { origin });
      expect(crossed.status).toBe(403);
    }
    expect(await statusOf('ask')).toBe('waiting');
    const own = await post(url, { decision: 'reject' }, { origin: server.address?.url ?? '' });
    expect(own.status).toBe(200);
  });

  it('is stopped at a body that is too large, or of another kind, and at too many requests', async () => {
    const url = await link('ask');
    expect((await post(url, { decision: 'approve', comment: 'x'.repeat(200_000) })).status).toBe(413);
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(json.status).toBe(422);
    const xml = await fetch(url, { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } });
    expect(xml.status).toBe(415);
    const answers = await Promise.all(Array.from({ length: 80 }, () => get(url)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]?.headers.get('retry-after')).toBe('60');
    nowMs += 60_000;
    expect((await get(url)).status).toBe(200);
  });

  it('reads nothing else with it', async () => {
    const path = new URL(await link('ask')).pathname.slice('/answer/'.length);
    const response = await fetch(`${server.address?.url}/rpc`, {
      method: 'POST',
      headers: { authorization: `Bearer ${path}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks.list', params: {} }),
    });
    expect(response.status).toBe(401);
  });
});

describe('waits.link', () => {
  it('is for who may answer, while something waits', async () => {
    await post(await link('ask'), { decision: 'reject' });
    await expect(link('ask')).rejects.toThrow(/ask .* has completed and waits for no answer/);
    await expect(link('r')).rejects.toThrow(/waits for no answer/);
    await expect(link('other', { expiresInMs: 1e12 })).rejects.toThrow(/violation|expiresInMs/);
  });
});

/** `GET /events` without a tree, against a real server: every event of every tree that one may see, also over a lost connection. */
import { MemoryStore } from '@coppice/storage';
import { expect, it, onTestFinished } from 'vitest';
import { createServer } from '../composition/create-server.ts';
import { parseConfig } from '../config.ts';
import { testExtension } from '../rpc/real-engine.fixture.ts';

const ANN = 'a-long-token-for-ann';
const ROOT = 'a-long-token-for-root';

async function serve() {
  const users = [
    { userId: 'ann', token: { env: 'ANN' } },
    { userId: 'root', token: { env: 'ROOT' }, role: 'admin' as const },
  ];
  const parsed = parseConfig({ store: { kind: 'memory' }, listen: { port: 0 }, auth: { users } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, {
    builtIns: false,
    logLevel: 'silent',
    store: new MemoryStore(),
    environment: { ANN, ROOT },
    extensions: [{ source: testExtension().module }],
  });
  onTestFinished(() => server.stop({ graceMs: 0 }));
  await server.start();
  const url = server.address?.url ?? '';
  /** Answers the id of the tree. */
  const run = async (token: string): Promise<string> => {
    const params = { tasks: [{ name: 'one', executor: 'echo' }], wait: true };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks.execute', params });
    const response = await fetch(`${url}/rpc`, { method: 'POST', headers, body });
    return ((await response.json()) as { readonly result: { readonly treeId: string } }).result.treeId;
  };
  return {
    run,
    listen: (token: string, query = '', lastId?: string) => listen(`${url}/events${query}`, token, lastId),
  };
}

/** What a stream brings, read until a condition holds; then the connection is cut. */
async function listen(url: string, token: string, lastId?: string) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const headers = { authorization: `Bearer ${token}`, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
  const response = await fetch(url, { headers, signal: abort.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const events = (): string[] =>
    [...text.matchAll(/event: tasks\.event\ndata: (.*)\n/g)].map(([, data = '']) => {
      const { treeId, seq, type } = JSON.parse(data) as { treeId: string; seq: number; type: string };
      return `${treeId} ${seq} ${type}`;
    });
  const until = async (ended: readonly string[]): Promise<{ readonly events: string[]; readonly lastId: string }> => {
    const hasEnded = (treeId: string): boolean =>
      events().some((event) => event.startsWith(`${treeId} `) && event.endsWith('RunCompleted'));
    while (!ended.every(hasEnded)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    abort.abort();
    return { events: events(), lastId: [...text.matchAll(/id: (.*)\n/g)].at(-1)?.[1] ?? '' };
  };
  return { status: response.status, until };
}

it('brings the events of all trees, and of those of one user', async () => {
  const { run, listen: open } = await serve();
  const [all, own, named] = [await open(ROOT), await open(ANN), await open(ROOT, '?userId=ann')];
  const ofRoot = await run(ROOT);
  const annsTree = await run(ANN);
  const seen = await all.until([ofRoot, annsTree]);
  expect(seen.events[0]).toBe(`${ofRoot} 1 TreeCreated`);
  const ofAnn = seen.events.filter((event) => event.startsWith(annsTree));
  expect(ofAnn.length).toBeLessThan(seen.events.length);
  expect((await own.until([annsTree])).events).toEqual(ofAnn);
  expect((await named.until([annsTree])).events).toEqual(ofAnn);
  expect((await open(ANN, '?userId=root')).status).toBe(403);
  expect((await open(ANN, '?afterSeq=1')).status).toBe(400);
});

it('brings what was missed while the connection was lost, and goes on live, each tree in order and without a gap', async () => {
  const { run, listen: open } = await serve();
  const first = await open(ANN);
  const before = await run(ANN);
  const { lastId, events } = await first.until([before]);
  const missed = await run(ANN);
  const ofRoot = await run(ROOT);
  const second = await open(ANN, '', lastId);
  const after = await run(ANN);
  const { events: later } = await second.until([missed, after]);
  for (const treeId of [before, missed, after]) {
    const seqs = later.filter((event) => event.startsWith(`${treeId} `)).map((event) => Number(event.split(' ')[1]));
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    expect(seqs).toHaveLength(events.length);
  }
  expect(later.some((event) => event.startsWith(ofRoot))).toBe(false);
});

/** Trees that grow and wait, with a real server process: what a client folds while it follows, the commands, and answers over a SIGKILL. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyEvent, createClient, createRunView, RpcError, webSocketTransport, type Client } from '@coppice/client';
import type { Params, Result } from '@coppice/protocol';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli, type CliProcess } from './run-cli.fixture.ts';

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
  await writeFile(join(cwd, 'work.mjs'), MODULE);
});

/** An executor's module: one adds tasks, the others return what they are given, some after a moment. */
const MODULE = `
export const echo = async ({ ms = 0, value }) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
};
export const plan = ({ names }) => ({
  [Symbol.for('coppice.ExecutorOutcome')]: true,
  output: null,
  tasks: names.map((name, at) => ({
    name,
    executor: 'function',
    inputs: { module: './work.mjs', export: 'echo', args: { value: name } },
    dependencies: at === 0 ? [] : [names[at - 1]],
  })),
});
`;

const call = (name: string, args: object) => ({ module: './work.mjs', export: name, args });

async function serve(): Promise<{ readonly server: CliProcess; readonly client: Client }> {
  const server = startCli(['serve', '--port', '0'], { cwd });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
  });
  await server.until(/127\.0\.0\.1:\d+[^]*token/);
  const read = (name: string): Promise<string> => readFile(join(cwd, '.coppice', name), 'utf8');
  const { url } = JSON.parse(await read('server.json')) as { readonly url: string };
  const token = (await read('token')).trim();
  const client = createClient({ transport: webSocketTransport({ url, token }) });
  onTestFinished(() => client.close());
  return { server, client };
}

async function create(client: Client, tasks: Params<'tasks.create'>['tasks'], more: object = {}): Promise<string> {
  const { id } = await client.tasks.create({ tasks, baseDir: cwd, ...more });
  await client.tasks.execute({ taskId: id });
  return id;
}

const echo = (value: unknown, more: object = {}) => ({
  executor: 'function',
  inputs: call('echo', { value, ms: 3 }),
  ...more,
});

const growing = [
  { name: 'top' },
  { name: 'each', parentId: 'top', forEach: ['x', 'y', 'z'], ...echo('${{ item }}'), set: { log: '${{ item }}' } },
  { name: 'grid', parentId: 'top', matrix: { a: [1, 2], b: ['p', 'q'] }, policies: { concurrency: 1 } },
  { name: 'cell', parentId: 'grid', ...echo('${{ item.a }}${{ item.b }}') },
  {
    name: 'loop',
    parentId: 'top',
    repeat: { until: 'index == 4', max: 9 },
    ...echo('${{ index }}'),
    set: { turns: 1 },
  },
  { name: 'plan', parentId: 'top', executor: 'function', inputs: call('plan', { names: ['sort', 'sweep', 'mop'] }) },
  {
    name: 'end',
    parentId: 'top',
    dependencies: ['each', 'loop', 'plan', 'grid'],
    ...echo({
      each: '${{ deps.each }}',
      loop: '${{ deps.loop }}',
      plan: '${{ deps.plan }}',
      turns: '${{ vars.turns }}',
    }),
  },
] as unknown as Params<'tasks.create'>['tasks'];

const variables = { log: { value: [], merge: 'append' }, turns: { value: 0, merge: 'sum' } };
const OUTPUT = {
  each: ['x', 'y', 'z'],
  loop: 4,
  plan: { sort: 'sort', sweep: 'sweep', mop: 'mop' },
  turns: 5,
};

describe('a tree that grows', () => {
  it('R-RO-14 to R-RO-16: is for a client that follows it what the server says of each task, and for the commands', async () => {
    const { client } = await serve();
    const id = await create(client, growing, { variables });
    const view = createRunView();
    for await (const event of client.follow(id)) applyEvent(view, event);
    expect(view.status).toBe('completed');
    expect(view.tally).toMatchObject({ total: view.tasks.size, ended: view.tasks.size, failed: 0 });
    for (const task of view.tasks.values()) {
      const told: Result<'tasks.get'> = await client.tasks.get({ taskId: task.id });
      expect({
        status: task.status,
        attempt: task.attempt,
        output: task.output ?? null,
        parentId: task.parent?.id ?? null,
        name: task.definition.name,
        endedAt: task.endedAtMs,
      }).toEqual({
        status: told.status,
        attempt: told.attempt,
        output: told.output,
        parentId: told.parentId,
        name: told.name,
        endedAt: Date.parse(told.endedAt ?? ''),
      });
    }
    const graph = await client.tasks.graph({ treeId: id });
    expect(graph.items.map(({ taskId }) => taskId).toSorted()).toEqual([...view.tasks.keys()].toSorted());
    expect(view.result?.variables).toEqual({ log: ['x', 'y', 'z'], turns: 5 });

    const shown = await runCli(['tasks', 'get', 'latest/end', '--json'], { cwd });
    expect(JSON.parse(shown.stdout)).toMatchObject({ status: 'completed', output: OUTPUT });
    const last = await runCli(['tasks', 'get', 'latest/loop.4', '--json'], { cwd });
    expect(JSON.parse(last.stdout)).toMatchObject({ output: 4, attempt: 1 });
  });
});

const FORM = { type: 'object', properties: { number: { type: 'number' } } };

describe('many approvals beside each other', () => {
  const COUNT = 12;
  const asking = [
    { name: 'top' },
    ...Array.from({ length: COUNT }, (_, at) => [
      { name: `before${at}`, parentId: 'top', ...echo(at) },
      { name: `ask${at}`, parentId: 'top', approval: { form: FORM }, dependencies: [`before${at}`] },
      {
        name: `after${at}`,
        parentId: 'top',
        dependencies: [{ task: `ask${at}`, on: ['success'], port: at % 3 === 0 ? 'rejected' : 'approved' }],
        ...echo(`\${{ deps.ask${at}.comment }}`),
      },
    ]).flat(),
  ] as unknown as Params<'tasks.create'>['tasks'];

  const answerOf = (at: number) =>
    at % 3 === 0
      ? { approved: false, comment: `no ${at}` }
      : { approved: true, comment: `yes ${at}`, values: { number: at } };

  async function openWaits(client: Client, count: number): Promise<ReadonlyMap<string, string>> {
    let waits: Result<'waits.list'> | undefined;
    await expect.poll(async () => (waits = await client.waits.list({})).items.length, { timeout: 20_000 }).toBe(count);
    return new Map(waits?.items.map(({ name, taskId }) => [name, taskId]));
  }

  it('R-SN-01: each gets its answer, in any order, twice, by a wrong id and over a SIGKILL, and nothing runs again', async () => {
    const first = await serve();
    const id = await create(first.client, asking);
    const ids = await openWaits(first.client, COUNT);
    const idOf = (name: string): string => ids.get(name) as string;

    const wrongIds = [`${id}.999`, 'nobody'];
    for (const taskId of wrongIds)
      await expect(first.client.waits.answer({ taskId, approved: true })).rejects.toBeInstanceOf(RpcError);
    // Half of them, the last first, each twice at once.
    for (let at = COUNT - 1; at >= COUNT / 2; at--) {
      const answer = { taskId: idOf(`ask${at}`), ...answerOf(at) };
      const given = await Promise.allSettled([first.client.waits.answer(answer), first.client.waits.answer(answer)]);
      expect(given.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }
    first.server.child.kill('SIGKILL');
    await first.server.ended;

    const { client } = await serve();
    expect((await openWaits(client, COUNT / 2)).size).toBe(COUNT / 2);
    const given = Array.from({ length: COUNT / 2 }, (_, at) => at);
    await Promise.all(given.slice(2).map((at) => client.waits.answer({ taskId: idOf(`ask${at}`), ...answerOf(at) })));
    const reject = await runCli(['answer', idOf('ask0'), '--reject', '--comment', 'no 0'], { cwd });
    const approve = await runCli(['answer', 'latest/ask1', '--approve', '--comment', 'yes 1', '--set', 'number=1'], {
      cwd,
    });
    expect([reject.code, approve.code], reject.stderr + approve.stderr).toEqual([0, 0]);
    const again = await runCli(['answer', 'latest/ask1', '--approve', '--set', 'number=9'], { cwd });
    expect(again.code).not.toBe(0);
    expect(again.stderr).toMatch(/ask1.*waits for no answer/);

    const view = createRunView();
    for await (const event of client.follow(id)) applyEvent(view, event);
    const byName = new Map([...view.tasks.values()].map((task) => [task.definition.name, task]));
    for (let at = 0; at < COUNT; at++) {
      expect(byName.get(`ask${at}`)?.output).toMatchObject({ values: {}, ...answerOf(at) });
      expect(byName.get(`after${at}`)).toMatchObject({ status: 'completed', output: answerOf(at).comment });
      expect(byName.get(`before${at}`)).toMatchObject({ status: 'completed', attempt: 1 });
    }
    expect(view.status).toBe('completed');
  });
});

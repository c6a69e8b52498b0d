/** Names of people for tasks and trees, against a real engine in this process. */
import { createClient } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { Params } from '@coppice/protocol';
import { createLocal, parseConfig } from '@coppice/server';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../output/report-error.ts';
import { makeFolder } from '../run-cli.fixture.ts';
import { localTransport } from './local-transport.ts';
import { resolveTask, resolveTree } from './reference.ts';

let client: Client;
let notes: string[];

beforeEach(async () => {
  const folder = await makeFolder();
  const parsed = parseConfig({ dataDir: folder.path, store: { kind: 'memory' } });
  if (!parsed.ok) throw new Error('The configuration is bad');
  const local = await createLocal(parsed.config);
  await local.start();
  onTestFinished(async () => {
    await local.stop({ graceMs: 0 });
    await folder.remove();
  });
  client = createClient({ transport: localTransport(local, { pushes: true }) });
  notes = [];
});

type Tasks = Extract<Params<'tasks.create'>, { tasks: unknown }>['tasks'];

/** A tree with the tasks `group/test` and `other/test` and one that is called `a/b`; answers its id. */
async function store(name: string, options: { readonly id?: string } = {}): Promise<string> {
  const root = options.id ?? 'root';
  const tasks: Tasks = [
    { id: root, name },
    ...['group', 'other'].flatMap((group) => [
      { id: `${root}-${group}`, name: group, parentId: root },
      { id: `${root}-${group}-test`, name: 'test', parentId: `${root}-${group}`, executor: 'delay', inputs: { ms: 1 } },
    ]),
    { id: `${root}-lint`, name: 'a/b', parentId: root, executor: 'delay', inputs: { ms: 1 } },
  ];
  return (await client.tasks.create({ tasks, reidentify: options.id === undefined })).id;
}

const find = (reference: string, isChange = false): Promise<string> =>
  resolveTask(reference, { client, isChange, note: (text) => notes.push(text) });

async function nameOf(reference: string): Promise<string> {
  const { name, parentId } = await client.tasks.get({ taskId: await find(reference) });
  const parent = parentId === null ? '' : (await client.tasks.get({ taskId: parentId })).name;
  return `${parent}>${name}`;
}

describe('what people call tasks and trees', () => {
  it('the newest tree is the latest, and its tasks are found by key, name and path', async () => {
    await store('old');
    const newest = await store('new');
    expect(await find('latest')).toBe(newest);
    expect(await nameOf('latest/group/test')).toBe('group>test');
    expect(await nameOf('latest/root-other-test')).toBe('other>test');
    expect(await nameOf('latest/a/b')).toBe('new>a/b');
    expect(await nameOf('old/other/test')).toBe('other>test');
    expect(await resolveTree('old/other/test', { client, isChange: false, note: () => undefined })).toBe(
      await find('old'),
    );
  });

  it('the beginning of an id is enough when no other begins so; a whole id always is', async () => {
    const [first, second] = [await store('one', { id: 'nightly-1' }), await store('two', { id: 'nightly-12' })];
    expect(await find('nightly-12')).toBe(second);
    expect(await find('nightly-1')).toBe(first);
    await expect(find('nigh')).rejects.toThrow('ambiguous: it fits several tree ids that begin so');
    expect(await find('nightly-1-group-test')).toBe('nightly-1-group-test');
    const made = await store('three');
    expect(await find(made.slice(0, -1))).toBe(made);
    expect(await nameOf(`${made.slice(0, -1)}/a/b`)).toBe('three>a/b');
  });

  it('what fits several is refused with all that it fits', async () => {
    const id = await store('ci');
    const error: unknown = await find('latest/test').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ details: ['root-group/root-group-test', 'root-other/root-other-test'] });
    await expect(find('latest/tset')).rejects.toThrow(`There is no task "tset" in tree ${id}. It has root-group, `);
    await expect(find('test')).rejects.toMatchObject({
      details: ['latest/test  the one of the newest tree', expect.stringContaining(id), expect.stringContaining(id)],
    });
  });

  it('a name that several trees have means the newest to who reads, and nothing to who changes', async () => {
    const older = await store('deploy');
    const newer = await store('deploy');
    expect(await find('deploy')).toBe(newer);
    expect(notes).toEqual([`2 trees have the name deploy; this is the newest, ${newer}.`]);
    await expect(find('deploy', true)).rejects.toMatchObject({
      details: [expect.stringContaining(newer) as string, expect.stringContaining(older) as string],
    });
  });

  it('what fits nothing is left for the server to refuse', async () => {
    await expect(find('latest')).rejects.toThrow('There is no tree yet');
    await store('ci');
    for (const reference of ['nope', 'nope/x', '', '/', 'latest-', '\u0000'])
      expect(await find(reference)).toBe(reference);
  });
});

/** Keys, ids and names that are called like what objects have without being given it: all of them are data, from the wire to the store and back. */
import { fold, type Executor, type Json, type JsonObject, type RunEvent } from '@coppice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newDir, start, type Tasks } from './bench.fixture.ts';

const inherited = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

/** An object with own properties of these names. */
function own(entries: readonly (readonly [string, Json])[]): JsonObject {
  return Object.fromEntries(entries);
}

const hostile: Executor = {
  type: 'hostile',
  description: '',
  effects: 'pure',
  execute: () => own([...inherited.map((name) => [name, own([['n', 1]])] as const), ['plain', 2]]),
};

const read = (name: string): string => `\${{ deps.api[${JSON.stringify(name)}].n + deps.api.plain }}`;

/** One task each by these ids, and one that reads them all. */
const named = (names: readonly string[]): Tasks => [
  { id: 'top' },
  ...names.map((id) => ({ id, name: id, parentId: 'top', executor: 'echo', inputs: own([[id, id]]) })),
  {
    id: 'all',
    parentId: 'top',
    executor: 'echo',
    dependencies: [...names],
    inputs: { read: names.map((id) => `\${{ deps['${id}']['${id}'] }}`) },
  },
];

describe('keys of outputs and inputs', () => {
  it('reach expressions, executors, the store and clients as they are, also after a restart', async () => {
    const dir = await newDir();
    const bench = await start({ dir, executors: [hostile] });
    const stored = await bench.run(
      [
        { name: 'root' },
        { name: 'api', parentId: 'root', executor: 'hostile' },
        {
          name: 'use',
          parentId: 'root',
          executor: 'echo',
          dependencies: [{ task: 'api', condition: inherited.map((name) => `"${name}" in output`).join(' && ') }],
          inputs: own(inherited.map((name) => [name, read(name)])),
        },
        {
          name: 'run',
          parentId: 'root',
          executor: 'echo',
          inputs: { read: inherited.map((name) => `\${{ inputs["${name}"] + vars["${name}"] }}`) },
          metadata: own(inherited.map((name) => [name, name])),
        },
      ],
      { inputs: own(inherited.map((name) => [name, 1])), variables: own(inherited.map((name) => [name, 2])) },
    );
    expect(stored.status).toBe('completed');
    await bench.stop();
    const again = await start({ dir, executors: [hostile] });
    const use = await again.get(stored.ids['use']);
    const expected = own([
      ['api', hostile.execute({}, {} as never) as Json],
      ...inherited.map((name) => [name, 3] as const),
    ]);
    expect(JSON.stringify(use.output)).toBe(JSON.stringify(expected));
    const run = await again.get(stored.ids['run']);
    expect(run.output).toEqual({ read: inherited.map(() => 3) });
    expect(Object.keys(run.metadata ?? {})).toEqual(inherited);
    const folded = fold((await again.events(stored)) as RunEvent[]);
    expect(JSON.stringify(folded?.byId.get(stored.ids['use'] as never)?.output)).toBe(JSON.stringify(expected));
    const { items } = await again.call('tasks.events', { treeId: stored.treeId, limit: 1_000 });
    expect(JSON.stringify(items)).toContain(JSON.stringify(expected));
  });
});

describe('ids and names', () => {
  it('may be any of them, in runs, copies and lists', async () => {
    const bench = await start();
    const stored = await bench.run(named(inherited));
    expect(stored.status).toBe('completed');
    expect((await bench.get('all')).output).toMatchObject({ read: inherited });
    for (const id of inherited) expect((await bench.get(id)).name).toBe(id);
    const copied = (await bench.call('tasks.copy', { taskId: 'top', mode: 'full' })) as { readonly id: string };
    await bench.call('tasks.execute', { taskId: copied.id, wait: true });
    const records = await bench.store.listTasks(copied.id as never);
    expect(records.find(({ name }) => name === 'all')).toMatchObject({
      status: 'completed',
      output: { read: inherited },
    });
    const draft = await bench.call('tasks.copy', { taskId: 'top', mode: 'full', save: false });
    expect(JSON.stringify(draft)).toContain('__proto__');
  });

  it('may be mixed with any other keys', async () => {
    const bench = await start();
    const name = fc.oneof(fc.constantFrom(...inherited), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }));
    const value = fc.dictionary(name, fc.oneof(fc.constantFrom(1, 'x', null), fc.dictionary(name, fc.constant(1))), {
      maxKeys: 5,
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(value, async (inputs) => {
        // Expressions are another test's.
        fc.pre(!JSON.stringify(inputs).includes('${{'));
        const stored = await bench.run([{ name: 'only', executor: 'echo', inputs }]);
        expect(stored.status).toBe('completed');
        expect(JSON.stringify((await bench.get(stored.ids['only'])).output)).toBe(JSON.stringify(inputs));
      }),
      { numRuns: 60 },
    );
  });
});

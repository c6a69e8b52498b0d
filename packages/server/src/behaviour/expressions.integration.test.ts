/** Expressions over RPC: what they may cost, and what they say when they fail (R-RO-01 to R-RO-07). */
import type { JsonObject } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { newDir, start, type Bench, type StoredTree, type Tasks } from './bench.fixture.ts';
import { watchTurns } from './turn-watch.fixture.ts';

const answer = (output: JsonObject): Partial<Tasks[number]> => ({ executor: 'echo', inputs: output });

/** A tree below a group; names are references. */
const tree = (tasks: Readonly<Record<string, Partial<Tasks[number]>>>): Tasks => [
  { name: 'root' },
  ...Object.entries(tasks).map(([name, task]) => ({ name, parentId: 'root', ...task })),
];

const numbers = Array.from({ length: 40 }, (_, at) => at);
const nested = `l.all(a, ${'l.all(b, '.repeat(6)}b >= 0${')'.repeat(6)})`.replaceAll('l.', 'output.l.');
const doubled = `${Array.from({ length: 40 }, (_, at) => `cel.bind(t${at}, ${at === 0 ? 'output.t' : `t${at - 1} + t${at - 1}`}, `).join('')}t39 == ""${')'.repeat(40)}`;
const bombs: Readonly<Record<string, string>> = {
  nested,
  doubled,
  lists: 'output.l.map(a, output.l.map(b, output.l.map(c, output.l.map(d, output.l)))) == []',
  pattern: 'output.long.matches("(a|b)*a(a|b){20}c")',
  replaced: 'output.long.replace("a", output.long) == ""',
  search: 'output.long.contains(output.other)',
};
const data = { l: numbers, t: 'ab', long: 'ab'.repeat(400_000), other: `b${'ab'.repeat(20_000)}x` };

/** Every bomb twice behind a task that the test ends: as a condition, and as an input. */
const behindWork = tree({
  first: { executor: 'work' },
  ...Object.fromEntries<Partial<Tasks[number]>>(
    Object.entries(bombs).flatMap(([name, bomb]): [string, Partial<Tasks[number]>][] => [
      [`if-${name}`, { executor: 'echo', dependencies: [{ task: 'first', condition: bomb }] }],
      [
        `in-${name}`,
        {
          executor: 'echo',
          dependencies: ['first'],
          inputs: { value: `\${{ ${bomb.replaceAll('output.', 'deps.first.')} }}` },
        },
      ],
    ]),
  ),
});

async function codes(bench: Bench, { treeId, ids }: StoredTree): Promise<Readonly<Record<string, unknown>>> {
  const records = await bench.store.listTasks(treeId);
  const failed = records.filter(({ status, name }) => status === 'failed' && name !== 'root');
  expect(new Set(failed.map(({ id }) => id))).toEqual(
    new Set(Object.keys(ids).flatMap((name) => (/^(?:if|in)-/.test(name) ? [ids[name]] : []))),
  );
  return Object.fromEntries(failed.map(({ name, error }) => [name, error?.code]));
}

describe('what expressions may cost', () => {
  it('is limited: each one that takes too much fails its task by name, and the server answers meanwhile', async () => {
    const bench = await start();
    const longest = watchTurns();
    const stored = await bench.begin(behindWork);
    (await bench.work.started('first')).complete(data);
    expect(await bench.settled(stored)).toBe('failed');
    expect(new Set(Object.values(await codes(bench, stored)))).toEqual(new Set(['expression/budget']));
    expect((await bench.get(stored.ids['if-nested'])).error?.message).toContain('output.l.all(a, output.l.all(b');
    expect((await bench.get(stored.ids['in-doubled'])).error?.message).toContain('deps.first.t');
    expect((await bench.call('system.health', {})).status).toBe('ok');
    expect(longest()).toBeLessThan(1_000);
  });

  it('is limited after a restart, too', async () => {
    const dir = await newDir();
    const before = await start({ dir });
    const stored = await before.begin(behindWork);
    await before.work.started('first');
    await before.stop();
    const after = await start({ dir });
    const longest = watchTurns();
    (await after.work.started('first', 2)).complete(data);
    expect(await after.settled(stored)).toBe('failed');
    expect(new Set(Object.values(await codes(after, stored)))).toEqual(new Set(['expression/budget']));
    expect(longest()).toBeLessThan(1_000);
  });

  it('does not depend on how hard a pattern is', async () => {
    const bench = await start();
    const stored = await bench.run(
      tree({
        a: answer({ text: `${'a'.repeat(30_000)}!` }),
        b: { executor: 'echo', dependencies: ['a'], inputs: { is: '${{ deps.a.text.matches("(a+)+$") }}' } },
        c: { executor: 'echo', dependencies: [{ task: 'a', condition: '!output.text.matches("^(a|aa)+$")' }] },
      }),
    );
    expect(await bench.statuses(stored)).toEqual({ root: 'completed', a: 'completed', b: 'completed', c: 'completed' });
    expect((await bench.get(stored.ids['b'])).output).toMatchObject({ is: false });
  });
});

describe('conditions', () => {
  it('that can not be worked out fail their task with condition/failed', async () => {
    const bench = await start();
    const stored = await bench.run(
      tree({
        a: answer({ n: 7, text: 'seven' }),
        zero: { executor: 'echo', dependencies: [{ task: 'a', condition: '1 / 0 == 1' }] },
        number: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.n' }] },
        missing: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.absent' }] },
        mixed: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.text > 5' }] },
        deep: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.text.length > 5' }] },
      }),
    );
    expect(stored.status).toBe('failed');
    const errors = await Promise.all(
      ['zero', 'number', 'missing', 'mixed', 'deep'].map(async (name) => (await bench.get(stored.ids[name])).error),
    );
    expect(errors.map((error) => `${error?.code}: ${error?.message}`)).toMatchInlineSnapshot(`
      [
        "condition/failed: The condition \`1 / 0 == 1\` on a can not be worked out: division by \`0\`, which is zero. Mend it in a copy of the tree",
        "condition/failed: The condition \`output.n\` on a can not be worked out: it is 7, neither true nor false. Mend it in a copy of the tree",
        "condition/failed: The condition \`output.absent\` on a can not be worked out: it is missing. Mend it in a copy of the tree",
        "condition/failed: The condition \`output.text > 5\` on a can not be worked out: '>' does not fit: \`output.text\` is text and \`5\` is a number. Mend it in a copy of the tree",
        "condition/failed: The condition \`output.text.length > 5\` on a can not be worked out: \`output.text\` is text, which has no property 'length'. Mend it in a copy of the tree",
      ]
    `);
    expect((await bench.get(stored.ids['root'])).error?.code).toBe('group/failed');
  });

  it('that can never hold or be worked out are refused, with place and suggestion (R-RO-05)', async () => {
    const bench = await start();
    const behind = (condition: string) => ({ executor: 'echo', dependencies: [{ task: 'a', condition }] });
    const { data: refusal } = await bench.refusal('tasks.create', {
      tasks: tree({
        a: answer({ n: 7 }),
        number: behind('output.n + 1 > 7 && 2'),
        result: behind('status'),
        status: behind('status == "complete"'),
        name: behind('outputs.n > 1'),
        field: behind('error.mesage == "x"'),
        called: behind('sise(output.list) > 1'),
        empty: behind(''),
        none: { executor: 'echo', dependencies: [{ task: 'a', condition: null }] },
      }),
    });
    const { errors } = refusal as unknown as {
      readonly errors: readonly { readonly path: readonly unknown[]; readonly reason: string }[];
    };
    expect(errors.map(({ path, reason }) => `${path.join('.')}: ${reason}`)).toMatchInlineSnapshot(`
      [
        "tasks.2.dependencies.0.condition: Task 'number' has a malformed expression at offset 20: \`2\` is a number, neither true nor false",
        "tasks.3.dependencies.0.condition: Task 'result' has a malformed expression at offset 0: \`status\` is text, and this must be true or false; compare it with something",
        "tasks.4.dependencies.0.condition: Task 'status' has a malformed expression at offset 10: \`status\` is never 'complete', but one of completed, failed, skipped, cancelled; did you mean 'completed'?",
        "tasks.5.dependencies.0.condition: Task 'name' reads 'outputs' at offset 0, which there is not here; did you mean 'output'?",
        "tasks.6.dependencies.0.condition: Task 'field' reads error.mesage, but 'mesage' is no field of it; did you mean 'message'?",
        "tasks.7.dependencies.0.condition: Task 'called' has a malformed expression at offset 0: there is no function sise(); did you mean 'size'?",
        "tasks.8.dependencies.0.condition: Task 'empty' has a malformed expression: it is empty",
      ]
    `);
  });

  it('say what they saw when they are false', async () => {
    const bench = await start();
    const stored = await bench.run(
      tree({
        a: answer({ n: 7, text: '10', list: [1, 2] }),
        low: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.n > 9' }] },
        absent: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.absent > 9' }] },
        list: { executor: 'echo', dependencies: [{ task: 'a', condition: '3 in output.list' }] },
        text: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.text > 9' }] },
        none: { executor: 'echo', dependencies: [{ task: 'a', condition: 'output.absent == null' }] },
      }),
    );
    expect(stored.status).toBe('completed');
    expect(await bench.statuses(stored)).toMatchObject({ text: 'completed', none: 'completed' });
    expect(await Promise.all(['low', 'absent', 'list'].map((name) => bench.explain(stored.ids[name])))).toEqual([
      expect.stringContaining('condition `output.n > 9` was false: output.n is 7'),
      expect.stringContaining('condition `output.absent > 9` was false: output.absent is missing'),
      expect.stringContaining('condition `3 in output.list` was false: output.list is a list of 2'),
    ]);
  });
});

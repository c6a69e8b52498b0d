/** However much expressions have to work out at once, and however large the results that come together, timers and sockets get their turn in between. */
import { describe, expect, it } from 'vitest';
import { start, type Bench, type Tasks } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';
import { watchTurns } from './turn-watch.fixture.ts';

/** Costs most of what one decision may use: some 20 ms. */
const HEAVY = 'inputs.l.all(x, inputs.l.all(y, inputs.l.all(z, x >= 0)))';
const HEAVY_CONDITION = HEAVY.replaceAll('inputs.l', 'output.l');
const l = Array.from({ length: 59 }, (_, at) => at);

/** Beyond what any turn takes, and far below what all that is decided here takes together. */
const TURN_MS_MAX = 250;

const heavyInputs = (count: number): Tasks => [
  { name: 'root' },
  ...Array.from({ length: count }, (_, at) => ({
    name: `t${at}`,
    parentId: 'root',
    executor: 'echo',
    inputs: { value: `\${{ ${HEAVY} }}` },
  })),
];

async function gatesUsed(bench: Bench): Promise<readonly number[]> {
  return (await bench.call('system.info', {})).gates.map(({ used }) => used);
}

describe('work of expressions', () => {
  it('is divided among turns when many tasks of a tree start at once; each task may use all that a decision may', async () => {
    const bench = await start();
    const worstMs = watchTurns();
    const tree = await bench.run(heavyInputs(60), { inputs: { l } });
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
    expect(tree.status).toBe('completed');
    const started = (await bench.events(tree)).filter(({ type }) => type === 'TaskStarted');
    expect(started.map(({ taskId }) => taskId)).toEqual(Array.from({ length: 60 }, (_, at) => tree.ids[`t${at}`]));
  });

  it('is divided among turns when many trees start at once', async () => {
    const bench = await start({ config: { engine: { limits: { global: 100 } } } });
    const trees = await Promise.all(Array.from({ length: 50 }, () => bench.create(heavyInputs(1), { inputs: { l } })));
    const worstMs = watchTurns();
    await Promise.all(trees.map(({ treeId }) => bench.call('tasks.execute', { taskId: treeId })));
    expect(await Promise.all(trees.map((tree) => bench.settled(tree)))).toEqual(trees.map(() => 'completed'));
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
    expect(await gatesUsed(bench)).toEqual([0]);
  });

  it('is divided among turns when many tasks end at once, none of which is late by that', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock });
    for (let at = 0; at < 50; at++) bench.work.on(`after${at}`, () => ({}));
    const pairs = Array.from({ length: 50 }, (_, at) => [
      { name: `t${at}`, parentId: 'root', executor: 'work', policies: { timeoutMs: 1_000 } },
      {
        name: `after${at}`,
        parentId: 'root',
        executor: 'work',
        dependencies: [{ task: `t${at}`, condition: HEAVY_CONDITION }],
      },
    ]);
    const tree = await bench.begin([{ name: 'root' }, ...pairs.flat()]);
    const held = await Promise.all(pairs.map((_, at) => bench.work.started(`t${at}`)));
    const worstMs = watchTurns();
    for (const each of held) each.complete({ l });
    // All have returned, and the first turn has had enough.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2_000);
    expect(await bench.settled(tree)).toBe('completed');
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
    expect(bench.work.starts).toHaveLength(100);
  });

  it('is shared by the conditions of one completion: those that find nothing left fail and say why, and no turn is long', async () => {
    const bench = await start();
    bench.work.on('first', () => ({ l }));
    const after = Array.from({ length: 1_000 }, (_, at) => ({
      name: `after${at}`,
      parentId: 'root',
      executor: 'work',
      dependencies: [{ task: 'first', condition: `${HEAVY_CONDITION} && ${at} >= 0` }],
    }));
    bench.work.on(undefined, () => ({}));
    const tree = await bench.create([
      { name: 'root' },
      { name: 'first', parentId: 'root', executor: 'work' },
      ...after,
    ]);
    const worstMs = watchTurns();
    await bench.call('tasks.execute', { taskId: tree.treeId });
    expect(await bench.settled(tree)).toBe('failed');
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
    const statuses = await bench.statuses(tree);
    expect(statuses['after0']).toBe('completed');
    expect((await bench.get(tree.ids['after999'])).error?.code).toBe('expression/budget');
  });

  it('leaves what was picked and not started where a cancellation finds it, and its places free', async () => {
    const bench = await start({ config: { engine: { limits: { global: 100 } } } });
    const tree = await bench.begin(heavyInputs(60), { inputs: { l } });
    await bench.event(tree, ({ type }) => type === 'TaskStarted');
    await bench.call('tasks.cancel', { taskId: tree.ids['t58'] as string });
    expect((await bench.statuses(tree))['t59']).toBe('ready');
    await bench.call('tasks.cancel', { taskId: tree.treeId });
    expect(await bench.settled(tree)).toBe('cancelled');
    expect(await gatesUsed(bench)).toEqual([0]);
    const other = await bench.begin(heavyInputs(20), { inputs: { l } });
    await bench.event(other, ({ type }) => type === 'TaskStarted');
    await bench.call('tasks.cancel', { taskId: other.ids['t19'] as string });
    expect(await bench.settled(other)).not.toBe('failed');
    expect(await gatesUsed(bench)).toEqual([0]);
  });

  it('is divided among turns when a tree of many long expressions is checked', async () => {
    const bench = await start();
    const long = (at: number): string => `\${{ inputs.l[0] == ${at} ${'|| inputs.l[1] == 1 '.repeat(400)} }}`;
    const tasks = Array.from({ length: 1_000 }, (_, at) => ({
      name: `t${at}`,
      parentId: 'root',
      executor: 'echo',
      inputs: { value: long(at) },
    }));
    const worstMs = watchTurns();
    const checked = await bench.call('tasks.validate', { tasks: [{ name: 'root' }, ...tasks], inputs: { l } });
    expect(checked.valid).toBe(true);
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
  });

  it('has a limit in one task, found when its tree is checked', async () => {
    const bench = await start();
    const inputs = Object.fromEntries(
      Array.from({ length: 80 }, (_, at) => [
        `i${at}`,
        `\${{ inputs.l[0] == ${at} ${'|| inputs.l[1] == 1 '.repeat(400)} }}`,
      ]),
    );
    const checked = await bench.call('tasks.validate', {
      tasks: [{ name: 'one', executor: 'echo', inputs }],
      inputs: { l },
    });
    expect(checked).toMatchObject({ valid: false });
    expect(JSON.stringify(checked)).toContain('more than 524288 characters together');
  });
});

describe('large results', () => {
  it('that come at once are stored in turns', async () => {
    const bench = await start();
    const names = Array.from({ length: 20 }, (_, at) => `t${at}`);
    const tree = await bench.begin([
      { name: 'root' },
      ...names.map((name) => ({ name, parentId: 'root', executor: 'work' })),
    ]);
    const held = await Promise.all(names.map((name) => bench.work.started(name)));
    const worstMs = watchTurns();
    // As JSON six times as long.
    for (const each of held) each.complete({ stdout: '\0'.repeat(1_000_000) });
    expect(await bench.settled(tree)).toBe('completed');
    expect(worstMs()).toBeLessThan(TURN_MS_MAX);
  });
});

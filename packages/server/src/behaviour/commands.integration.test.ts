/** Commands in runs: what they printed is kept however their attempts end. */
import * as command from '@coppice/executor-command';
import { describe, expect, it } from 'vitest';
import { start, type Tasks } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const extensions = [{ source: command }];
/** Says something, which comes as progress, and then goes on for ever. */
const chatty = { command: 'echo working; exec sleep 100', shell: true, killGraceMs: 50 };
const printed = {
  stdout: 'working\n',
  stderr: '',
  truncated: false,
  tail: [{ stream: 'stdout', line: 'working' }],
};

describe('a command that is ended', () => {
  it('by its time limit keeps what it printed in the error', async () => {
    const clock = new ManualClock();
    const bench = await start({ clock, extensions });
    const tree = await bench.begin([
      { name: 'slow', executor: 'command', inputs: chatty, policies: { timeoutMs: 60_000 } },
    ]);
    await bench.event(tree, ({ type }) => type === 'TaskProgressed');
    clock.advance(60_000);
    expect(await bench.settled(tree)).toBe('failed');
    const { error } = await bench.get(tree.ids['slow']);
    expect(error).toMatchObject({ code: 'timeout', data: { limit: 'task', limitMs: 60_000, ...printed } });
  });

  it('by a cancel or a failing neighbour keeps what it printed in its attempt', async () => {
    const bench = await start({ extensions });
    const tree = await bench.begin(
      [
        { name: 'root' },
        { name: 'victim', parentId: 'root', executor: 'command', inputs: chatty },
        { name: 'culprit', parentId: 'root', executor: 'work' },
      ],
      { policies: { onFailure: 'failFast' } },
    );
    const held = await bench.work.started('culprit');
    await bench.event(tree, ({ type }) => type === 'TaskProgressed');
    held.fail(new Error('broken'));
    expect(await bench.settled(tree)).toBe('failed');
    const { items } = await bench.call('tasks.attempts', { taskId: tree.ids['victim'] ?? '' });
    expect(items).toMatchObject([{ status: 'cancelled', output: printed }]);
    // What was printed until the end is not the output of the task.
    expect((await bench.get(tree.ids['victim'])).output).toBeNull();
  });
});

describe('an output over its limit', () => {
  const big = (name: string, more: object = {}) => ({
    name,
    parentId: 'root',
    executor: 'command',
    inputs: { command: 'printf', args: ['first-%04d-last', '7'], maxOutputBytes: 4, ...more },
  });
  const reader = (name: string, from: string, value: string) => ({
    name,
    parentId: 'root',
    executor: 'echo',
    dependencies: [from],
    inputs: { value },
  });

  it('is marked on the task, and an expression that reads it fails with the limit and the ways out', async () => {
    const bench = await start({ extensions });
    const tree = await bench.run([
      { name: 'root' },
      big('big'),
      reader('reads', 'big', '${{ deps.big.stdout }}'),
      reader('takes all', 'big', '${{ deps.big }}'),
      reader('minds', 'big', '${{ deps.big.truncated ? deps.big.exitCode : deps.big.stdout }}'),
      { ...reader('on condition', 'big', 'x'), dependencies: [{ task: 'big', condition: 'output.stdout == "last"' }] },
    ] as Tasks);
    expect(tree.status).toBe('failed');
    expect((await bench.get(tree.ids['big'])).cut).toEqual([
      expect.objectContaining({ path: ['stdout'], kept: 'tail', keptBytes: 4, totalBytes: 15 }),
    ]);
    for (const [name, code] of [
      ['reads', 'inputs/unresolved'],
      ['takes all', 'inputs/unresolved'],
      ['on condition', 'condition/failed'],
    ] as const) {
      const { status, error } = await bench.get(tree.ids[name]);
      expect([name, status, error?.code]).toEqual([name, 'failed', code]);
      expect(error?.message).toContain('stdout of big was cut: only the last 4 of 15 bytes are there');
      expect(error?.message).toMatch(/maxOutputBytes.*write a file.*keep: tail/);
    }
    expect((await bench.get(tree.ids['minds'])).output).toMatchObject({ value: 0 });
  });

  it('may be read where the task asked for that end; copies and later starts know it, too', async () => {
    const bench = await start({ extensions });
    const tree = await bench.run([
      { name: 'root' },
      big('asked', { keep: 'tail' }),
      reader('may', 'asked', '${{ deps.asked.stdout }}'),
      big('big'),
      reader('may not', 'big', '${{ deps.big.stdout }}'),
    ] as Tasks);
    expect((await bench.get(tree.ids['may'])).output).toMatchObject({ value: 'last' });
    const copy = await bench.call('tasks.copy', { taskId: tree.ids['may not'] ?? '' });
    await bench.call('tasks.execute', { taskId: (copy as { id: string }).id });
    const copied = await bench.stored((copy as { id: string }).id as never);
    expect(await bench.settled(copied)).toBe('failed');
    expect((await bench.get(copied.ids['may not'])).error?.message).toContain('stdout of big was cut');
    await bench.stop();

    const later = await start({ extensions, dir: bench.dir });
    await later.call('tasks.retry', { taskId: tree.treeId });
    expect(await later.settled(tree)).toBe('failed');
    const { error, attempt } = await later.get(tree.ids['may not']);
    expect([attempt, error?.message]).toEqual([2, expect.stringContaining('stdout of big was cut')]);
  });
});

/** Signals that give commands, over RPC: Coppice's own (R-SN-02), and those of an extension (R-SN-03). */
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

const work = (name: string, more: object = {}) => ({ name, parentId: 'root', executor: 'work', ...more });

describe('R-SN-02: a signal of Coppice itself', () => {
  it('does what the method of that name does, and is in the log with its sender', async () => {
    const bench = await start();
    const tree = await bench.begin([
      { name: 'root' },
      { name: 'w', parentId: 'root', wait: { signal: 'go' } },
      work('a', { dependencies: ['w'], inputs: { n: 1 } }),
    ]);
    const { treeId } = tree;
    const send = (name: string, payload: object | null = null) =>
      bench.call('tasks.signal', { treeId, name, payload } as never);
    expect(await send('coppice.update', { task: tree.ids['a'], inputs: { n: 2 } })).toMatchObject({
      commands: 1,
      rejected: null,
    });
    expect(await send('coppice.pause')).toMatchObject({ commands: 1, taskId: null });
    expect((await bench.get(treeId)).tree?.status).toBe('paused');
    await send('coppice.resume');
    const started = bench.work.started('a');
    await send('coppice.complete', { task: tree.ids['w'], output: 5 });
    const a = await started;
    expect(a.input).toMatchObject({ n: 2 });
    expect(await send('coppice.skip', { task: tree.ids['w'] })).toMatchObject({
      rejected: expect.stringMatching(/^w .* has completed/) as string,
    });
    const wrong = await bench.refusal('tasks.signal', {
      treeId,
      name: 'coppice.update',
      payload: { task: 'a', inputs: 5 },
    });
    expect(wrong.data).toMatchObject({ errors: [{ path: ['payload', 'inputs'] }] });
    void a.aborted.then(() => a.fail(new Error('let go')));
    await send('coppice.cancel', { reason: 'enough' });
    expect(await bench.settled(tree)).toBe('cancelled');
    const { items } = await bench.call('tasks.events', { treeId });
    const sent = items.filter(({ type }) => type === 'SignalReceived');
    expect(sent).toHaveLength(6);
    expect(sent[0]).toMatchObject({
      actor: { userId: 'local', face: 'rpc' },
      data: { commands: [{ type: 'update' }] },
    });
  });
});

describe('R-SN-03: a signal that an extension handles', () => {
  it('gives the commands that the handler returns; a replay and a restart do not ask it again', async () => {
    let calls = 0;
    const signals = [
      {
        name: 'late',
        handle: () => {
          calls++;
          return [{ type: 'skip', task: 'w' } as const];
        },
      },
    ];
    const bench = await start({ signals });
    const tree = await bench.begin([{ name: 'root' }, { name: 'w', parentId: 'root', wait: { signal: 'go' } }]);
    expect(await bench.call('tasks.signal', { treeId: tree.treeId, name: 'late' })).toMatchObject({
      commands: 1,
      rejected: null,
    });
    expect(await bench.settled(tree)).toBe('completed');
    await bench.stop();
    const again = await start({ dir: bench.dir });
    expect(await again.explain(tree.ids['w'])).toBe('w was skipped: Skipped by hand (local, rpc)');
    expect(calls).toBe(1);
  });

  it('is rejected when the handler does not come to an end, and the server goes on', async () => {
    const signals = [
      {
        name: 'endless',
        handle: (): never => {
          for (;;);
        },
      },
    ];
    const bench = await start({ signals });
    const tree = await bench.begin([{ name: 'root' }, work('a')]);
    const a = await bench.work.started('a');
    expect(await bench.call('tasks.signal', { treeId: tree.treeId, name: 'endless' })).toMatchObject({
      commands: 0,
      rejected: 'The handler of endless failed: it took longer than 100 ms',
    });
    a.complete(1);
    expect(await bench.settled(tree)).toBe('completed');
  });

  it('is waited for by no task, and has no name of Coppice itself', async () => {
    const bench = await start({ signals: [{ name: 'late', handle: () => [] }] });
    const refused = await bench.refusal('tasks.create', {
      tasks: [{ name: 'root' }, { name: 'w', parentId: 'root', wait: { signal: 'late' } }],
    });
    expect(JSON.stringify(refused.data)).toContain("waits for 'late', which an extension handles");
    const reserved = await start({ signals: [{ name: 'coppice.stop', handle: () => [] }] });
    const { items } = await reserved.call('extensions.list', {});
    expect(JSON.stringify(items)).toContain('is the name of a signal of Coppice itself');
  });
});

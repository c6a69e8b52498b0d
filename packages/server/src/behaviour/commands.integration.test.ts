/** Commands in runs: what they printed is kept however their attempts end. */
import * as command from '@coppice/executor-command';
import { describe, expect, it } from 'vitest';
import { start } from './bench.fixture.ts';
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
    // As the output of the task it does not count.
    expect((await bench.get(tree.ids['victim'])).output).toBeNull();
  });
});

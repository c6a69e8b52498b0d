import { testSignalHandler } from '@coppice/testkit';
import { expect, it } from 'vitest';
import { pressTime } from './press-time.ts';

it('skips what is optional and has not ended', () => {
  const tasks = [
    { key: 'text', status: 'ready' },
    { key: 'pictures', status: 'completed', tags: ['optional'] },
    { key: 'puzzle', status: 'waiting', tags: ['optional'] },
  ] as const;
  expect(testSignalHandler(pressTime, { tasks, payload: 'The presses run' })).toEqual({
    commands: [{ type: 'skip', task: 'puzzle', reason: 'The presses run' }],
  });
});

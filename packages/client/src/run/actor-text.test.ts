import { describe, expect, it } from 'vitest';
import { actorText, reasonText } from './actor-text.ts';

describe('who caused something', () => {
  it.each([
    ['cli', 'mia, from the terminal'],
    ['rpc', 'mia, over RPC'],
    ['page', 'mia, from the page'],
    ['editor', 'mia, from the editor'],
    ['schedule', 'mia, by a schedule'],
    ['agent', 'mia, through an agent'],
  ] as const)('through %s', (face, text) => {
    expect(actorText({ userId: 'mia', face })).toBe(text);
  });

  it('stands behind a reason, if it is known', () => {
    const reason = { code: 'user', message: 'Too slow' };
    expect(reasonText(reason)).toBe('Too slow');
    expect(reasonText({ ...reason, by: { userId: 'mia', face: 'page' } })).toBe('Too slow (mia, from the page)');
  });
});

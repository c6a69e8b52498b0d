import type { Hold } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { holdText, releaseParams } from './hold-text.ts';

const hold = (target: Hold['target'], reason: string | null = null): Hold => ({
  target,
  since: '2026-11-30T12:00:00.000Z',
  by: { userId: 'ann', face: 'cli' },
  reason,
});

it.each([
  [{ of: 'everything' }, 'everything', {}],
  [{ of: 'executor', name: 'http' }, 'executor http', { executor: 'http' }],
  [{ of: 'tag', name: 'night\u202ely' }, 'tag nightly', { tag: 'night\u202ely' }],
] as const)('says what is held by whom, and releases exactly that: %o (R-CP-09)', (target, what, params) => {
  expect(holdText(hold(target))).toMatch(
    new RegExp(`^Held: ${what}, by ann, from the terminal, since \\S[^:]*:\\d\\d`),
  );
  expect(holdText(hold(target, 'the disk\nis changed'))).toMatch(/: the disk is changed$/);
  expect(releaseParams(hold(target))).toEqual(params);
});

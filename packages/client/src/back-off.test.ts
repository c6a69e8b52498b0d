import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOffMs, sleep } from './back-off.ts';

it('doubles up to the cap and takes away at most a half', () => {
  expect([1, 2, 3, 4, 5].map((failures) => backOffMs(failures, { delayMs: 100, maxDelayMs: 1000 }, () => 0))).toEqual([
    100, 200, 400, 800, 1000,
  ]);
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, (failures, drawn) => {
      const delayMs = backOffMs(failures, {}, () => drawn);
      expect(delayMs).toBeLessThanOrEqual(15_000);
      expect(delayMs).toBeGreaterThan(100);
    }),
  );
});

it('sleeps until the end or the abort, whichever comes first', async () => {
  await sleep(1, new AbortController().signal);
  const abort = new AbortController();
  const sleeping = sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  await expect(sleep(60_000, abort.signal)).rejects.toThrow('enough');
});

/** A map for entries that come and go: what a Map does, and nothing kept alive by tables that were replaced. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ShortLivedMap } from './short-lived-map.ts';

it('finds, replaces and deletes; its order is that of the keys, also while it changes', () => {
  const map = new ShortLivedMap<string, number>();
  for (const [at, key] of ['a', 'b', 'c'].entries()) map.set(key, at);
  map.set('a', 10);
  map.delete('b');
  map.delete('never there');
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([10, undefined, 2]);
  map.set('b', 3);
  const seen: number[] = [];
  for (const value of map.values()) {
    seen.push(value);
    if (value === 10) {
      map.delete('c');
      map.set('d', 4);
    }
  }
  expect(seen).toEqual([10, 3, 4]);
});

it('leaves nothing to be copied by collections of young objects once it is deleted', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  const kept = (map: { set(key: string, value: object): void; delete(key: string): void }): number => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 20; round++) {
      for (let at = 0; at < 200; at++) {
        map.set(
          `${round}.${at}`,
          Array.from({ length: 1_000 }, () => at),
        );
        if (at >= 50) map.delete(`${round}.${at - 50}`);
      }
      for (let at = 150; at < 200; at++) map.delete(`${round}.${at}`);
      collect({ type: 'minor' });
    }
    return process.memoryUsage().heapUsed - before;
  };
  const plain = kept(new Map());
  expect(kept(new ShortLivedMap())).toBeLessThan(plain / 4);
});

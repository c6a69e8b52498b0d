import { describe, expect, it } from 'vitest';
import { isGroup, kindOf } from './kind.ts';

describe('the kind of a task', () => {
  it('is the one that its definition states', () => {
    expect(kindOf({ kind: 'wait' })).toBe('wait');
    expect(isGroup({ kind: 'wait' })).toBe(false);
  });

  it('follows from the executor where nothing is stated, as in trees of before', () => {
    expect(kindOf({ executor: 'work' })).toBe('executor');
    expect(kindOf({ executor: null })).toBe('group');
    expect(isGroup({})).toBe(true);
  });
});

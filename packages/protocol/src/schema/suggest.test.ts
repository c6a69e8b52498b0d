import { describe, expect, it } from 'vitest';
import { suggest } from './suggest.ts';

describe('suggest', () => {
  it.each([
    ['exectuor', 'executor'],
    ['taskid', 'taskId'],
    ['input', 'inputs'],
    ['dependancies', 'dependencies'],
    ['colour', undefined],
    ['', undefined],
  ])('%s → %s', (word, meant) => {
    expect(suggest(word, ['executor', 'taskId', 'inputs', 'dependencies'])).toBe(meant);
  });
});

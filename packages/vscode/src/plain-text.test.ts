import { describe, expect, it } from 'vitest';
import { inLabel, inNotification } from './plain-text.ts';

describe('text of others', () => {
  it('makes no links in a notification', () => {
    expect(inNotification('[x](command:workbench.action.quit) a](b')).toBe('[x] (command:workbench.action.quit) a] (b');
  });

  it('makes no icons in a label', () => {
    expect(inLabel('$(flame) costs $(5)')).toBe('\\$(flame) costs \\$(5)');
  });
});

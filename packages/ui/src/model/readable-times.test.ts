import { expect, it } from 'vitest';
import { readableTimes } from './readable-times.ts';

it('writes times as they are written here, and leaves everything else as it is', () => {
  const now = new Date('2026-11-30T12:00:00.000Z');
  const today = new Date('2026-11-30T11:58:07.228Z');
  const text = `north waits: train is paused since ${today.toISOString()}, until 2026-12-24T10:00:00Z`;
  const shown = readableTimes(text, now);
  expect(shown).toContain(`since ${today.toLocaleTimeString(undefined, { timeStyle: 'medium' })}, until `);
  expect(shown).not.toMatch(/T\d\d:/);
  expect(readableTimes('version 2026-11-30 of T', now)).toBe('version 2026-11-30 of T');
});

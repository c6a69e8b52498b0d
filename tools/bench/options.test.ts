import { expect, test } from 'vitest';
import { parseOptions, USAGE } from './options.ts';

test('help is an option, and the usage names it', () => {
  expect(parseOptions(['--help']).isHelp).toBe(true);
  expect(parseOptions(['-h']).isHelp).toBe(true);
  expect(parseOptions([]).isHelp).toBe(false);
  expect(USAGE).toContain('--help');
});

test('what is not understood is answered with the usage', () => {
  expect(() => parseOptions(['--fast'])).toThrow(USAGE);
  expect(() => parseOptions(['--rounds', '0'])).toThrow(USAGE);
});

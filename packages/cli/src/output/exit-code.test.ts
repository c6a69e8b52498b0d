import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXIT_CODES_HELP, ExitCode } from './exit-code.ts';

it('every exit code is in the help and in the guide, and no other', () => {
  const codes = Object.values(ExitCode).map(String);
  const guide = readFileSync(new URL('../../../../docs/guide/command-line.md', import.meta.url), 'utf8');
  expect([...EXIT_CODES_HELP.matchAll(/^ {2}(\d+)/gm)].map(([, code]) => code)).toEqual(codes);
  expect([...guide.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => code)).toEqual(codes);
});

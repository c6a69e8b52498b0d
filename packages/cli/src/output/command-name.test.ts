import { expect, it } from 'vitest';
import { commandName } from './command-name.ts';

it('advises commands as the reader started this one', () => {
  expect(commandName({})).toBe('coppice');
  expect(commandName({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'coppice init' })).toBe('npx coppice');
  expect(commandName({ npm_lifecycle_event: 'build', npm_lifecycle_script: 'coppice run build.coppice.yaml' })).toBe(
    'npx coppice',
  );
  expect(commandName({ npm_lifecycle_event: 'coppice', npm_lifecycle_script: 'node main.ts' })).toBe(
    'npm run coppice --',
  );
  expect(commandName({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest run' })).toBe('coppice');
});

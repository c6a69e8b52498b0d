import { expect, it } from 'vitest';
import { ownName } from './own-name.ts';

it('advises commands as the reader started this one', () => {
  expect(ownName({})).toBe('coppice');
  expect(ownName({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'coppice init' })).toBe('npx coppice');
  expect(ownName({ npm_lifecycle_event: 'build', npm_lifecycle_script: 'coppice run build.coppice.yaml' })).toBe(
    'npx coppice',
  );
  expect(ownName({ npm_lifecycle_event: 'coppice', npm_lifecycle_script: 'node main.ts' })).toBe('npm run coppice --');
  expect(ownName({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest run' })).toBe('coppice');
});

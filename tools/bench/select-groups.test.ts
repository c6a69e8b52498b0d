import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';
import { selectGroups } from './select-groups.ts';

const select = (...args: string[]): string[] =>
  selectGroups(parseOptions(args)).flatMap((group) => group.cases.map(({ id }) => id));

test('without options: all of W1 to W4, ours in each mode beside its floor', () => {
  const ids = select();
  for (const workload of ['W1', 'W2', 'W3', 'W4']) {
    for (const mode of ['memory', 'normal', 'full']) expect(ids).toContain(`throughput/${workload}/coppice-${mode}`);
    for (const floor of ['memory', 'events-normal', 'events-full'])
      expect(ids).toContain(`throughput/${workload}/floor-${floor}`);
  }
  expect(ids.filter((id) => !id.startsWith('throughput/'))).toEqual([]);
});

test('a part of an id selects cases of all groups, together with what they are compared with', () => {
  expect(select('--only', 'W2/coppice-normal')).toEqual([
    'throughput/W2/floor-events-normal',
    'throughput/W2/coppice-normal',
  ]);
  expect(select('--only', 'rpc/batch/coppice')).toEqual(['rpc/batch/bare', 'rpc/batch/coppice']);
});

test('ids are unique, and every floor is a case of the same group', () => {
  const groups = selectGroups(parseOptions(['--group', 'all', '--large']));
  const ids = groups.flatMap((group) => group.cases.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { cases } of groups) {
    const own = new Set(cases.map(({ id }) => id));
    for (const { floor } of cases) expect(floor === undefined || own.has(floor.caseId)).toBe(true);
  }
});

test('a million tasks only on request', () => {
  expect(select('--group', 'growth').some((id) => id.endsWith('/1000000'))).toBe(false);
  expect(select('--group', 'growth', '--large')).toContain('growth/normal/one/1000000');
});

test('what fits nothing is refused, and says what there is', () => {
  expect(() => select('--group', 'nope')).toThrow('No group "nope"; there are throughput,');
  expect(() => select('--only', 'W9')).toThrow('No case has "W9" in its id');
  expect(() => select('--frob')).toThrow('npm run bench -- [options]');
  expect(() => select('--write', '--only', 'W1')).toThrow('--write keeps whole groups; leave out --only');
  expect(() => select('--rounds', 'many')).toThrow('--rounds must be a whole number above zero, not "many"');
});

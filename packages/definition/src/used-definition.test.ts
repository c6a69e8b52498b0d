import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, parseDefinition, readDefinition } from './definition.ts';
import type { Definition, DefinitionResult } from './definition.ts';

const DEPLOY = `version: 1
inputs:
  region: { type: string, enum: [eu, us], required: true }
  replicas: 2
outputs:
  url: https://\${{ inputs.region }}/\${{ deps.push.path }}
policies: { concurrency: 1, timeout: 5m }
tasks:
  build: { executor: command, inputs: { of: '\${{ inputs.region }}' } }
  push: { executor: command, dependencies: [build], inputs: { image: '\${{ deps.build }}' } }
`;

const OUTER = `version: 1
name: Release
tasks:
  test: { executor: command }
  staging:
    use: ./parts/deploy.coppice.yaml
    dependencies: [test]
    inputs: { region: eu }
  live:
    use: parts/../parts/deploy.coppice.yaml
    dependencies: [staging]
    inputs: { region: us, replicas: 5 }
    policies: { timeout: 1m }
`;

/** Reads a definition whose files are given by their paths. */
async function read(
  outer: string,
  files: Readonly<Record<string, string>>,
  more: { readonly allowOutside?: boolean; readonly file?: string } = {},
): Promise<DefinitionResult> {
  const { allowOutside = false, file = 'dir/release.coppice.yaml' } = more;
  return readDefinition(outer, file, {
    allowOutside,
    read: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(new Error(`There is no file ${path}.`)) : Promise.resolve(text);
    },
  });
}

async function problems(...given: Parameters<typeof read>): Promise<readonly string[]> {
  const result = await read(...given);
  return result.ok ? [] : result.problems.map(formatProblem);
}

async function definition(...given: Parameters<typeof read>): Promise<Definition> {
  const result = await read(...given);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.definition;
}

const using = (path: string, more = ''): string => `version: 1\ntasks:\n  a:\n    use: ${path}\n${more}`;

describe('a task with use', () => {
  it('becomes a group with the tasks of the file, under ids of their own; expressions call them as the file does (R-TV-03)', async () => {
    const { params } = await definition(OUTER, { 'parts/deploy.coppice.yaml': DEPLOY });
    const declares = {
      inputs: { region: { type: 'string', enum: ['eu', 'us'], required: true }, replicas: { default: 2 } },
      outputs: { url: { value: 'https://${{ inputs.region }}/${{ deps.push.path }}' } },
    };
    expect(params.tasks).toMatchObject([
      { id: 'Release' },
      { id: 'test' },
      {
        id: 'staging',
        parentId: 'Release',
        dependencies: ['test'],
        inputs: { region: 'eu' },
        declares,
        policies: { concurrency: 1, timeoutMs: 300_000 },
      },
      { id: 'staging.build', name: 'build', ref: 'build', parentId: 'staging', inputs: { of: '${{ inputs.region }}' } },
      { id: 'staging.push', ref: 'push', dependencies: ['staging.build'], inputs: { image: '${{ deps.build }}' } },
      { id: 'live', dependencies: ['staging'], declares, policies: { concurrency: 1, timeoutMs: 60_000 } },
      { id: 'live.build' },
      { id: 'live.push', dependencies: ['live.build'] },
    ]);
    expect(params.tasks).toHaveLength(8);
    expect(params.tasks.every((task) => !('use' in task))).toBe(true);
  });

  it('may be in a file whose tasks have names only, use files that use files, and stand in any group', async () => {
    const { params } = await definition(
      'version: 1\ntasks: [{ name: first }, { name: all, children: [{ name: x, use: mid.yaml, forEach: [1, 2] }] }]',
      {
        'mid.yaml': 'version: 1\ntasks: { low: { use: low/low.yaml, inputs: { n: 1 } } }',
        'low/low.yaml':
          'version: 1\ninputs: { n: }\ntasks: [{ name: top }, { name: leaf, parentId: top, executor: work, dependencies: [{ task: b, on: [failure] }] }, { name: b, parentId: top }]',
      },
    );
    expect(params.tasks.map(({ id, parentId, ref }) => [id, parentId, ref])).toEqual([
      ['release', undefined, undefined],
      ['first', 'release', undefined],
      ['all', 'release', undefined],
      ['x', 'all', undefined],
      ['x.low', 'x', 'low'],
      ['x.low.top', 'x.low', 'top'],
      ['x.low.leaf', 'x.low.top', 'leaf'],
      ['x.low.b', 'x.low.top', 'b'],
    ]);
    expect(params.tasks[3]).toMatchObject({ forEach: [1, 2], declares: { inputs: {} } });
    expect(params.tasks[6]?.dependencies).toEqual([{ task: 'x.low.b', on: ['failure'] }]);
  });

  it('shows what a server finds in the file where it is written, once', async () => {
    const found = (await definition(OUTER, { 'parts/deploy.coppice.yaml': DEPLOY })).problemsOf([
      { path: ['tasks', 4, 'inputs', 'image'], reason: "Task 'staging.push' reads what there is not" },
      { path: ['tasks', 7, 'inputs', 'image'], reason: "Task 'live.push' reads what there is not" },
      { path: ['tasks', 5, 'inputs', 'region'], reason: 'not us' },
      { path: ['tasks', 2, 'declares', 'inputs', 'region', 'enum', 0], reason: 'no' },
      { path: ['tasks', 2, 'declares', 'outputs', 'url', 'value'], reason: 'reads' },
      { path: ['tasks', 2, 'policies', 'timeoutMs'], reason: 'short' },
      { path: ['tasks', 5, 'policies', 'timeoutMs'], reason: 'long' },
    ]);
    expect(found.map(formatProblem)).toEqual([
      'dir/release.coppice.yaml:12:23: not us',
      'dir/release.coppice.yaml:13:26: long',
      'dir/parts/deploy.coppice.yaml:3:34: no',
      'dir/parts/deploy.coppice.yaml:6:8: reads',
      'dir/parts/deploy.coppice.yaml:7:38: short',
      "dir/parts/deploy.coppice.yaml:10:70: Task 'staging.push' reads what there is not",
    ]);
  });
});

describe('what is wrong is said in the file that it is in', () => {
  it('mistakes of the used file, once however often it is used', async () => {
    const broken = DEPLOY.replace('executor: command', 'executr: command').replace('version: 1', 'version: 3');
    expect(await problems(OUTER, { 'parts/deploy.coppice.yaml': broken })).toEqual([
      'dir/parts/deploy.coppice.yaml:1:10: Version 3 is unknown. This Coppice reads version 1.',
      'dir/parts/deploy.coppice.yaml:9:12: unknown field "executr": did you mean "executor"?',
    ]);
    expect(await problems(OUTER, { 'parts/deploy.coppice.yaml': 'a: [' })).toEqual([
      expect.stringMatching(/^dir\/parts\/deploy\.coppice\.yaml:1:5: /),
    ]);
    expect(await problems(using('b.yaml'), { 'b.yaml': '[1]' })).toEqual([
      'dir/b.yaml:1:1: Expected a definition: a map with "version: 1" and "tasks".',
    ]);
    expect(await problems(using('b.yaml'), { 'b.yaml': 'version: 1' })).toEqual([
      'dir/b.yaml:1:1: There are no tasks. Add them under "tasks".',
    ]);
  });

  it('what belongs to a run', async () => {
    const inner =
      'version: 1\nvariables: { n: 1 }\npolicies: { runTimeout: 1h, retryBudget: 3 }\ntasks: { b: { executor: work } }';
    expect(await problems(using('b.yaml'), { 'b.yaml': inner })).toEqual([
      'dir/b.yaml:2:1: This file is used by another one, and variables belong to a run. Hand values in as inputs and out as outputs.',
      'dir/b.yaml:3:13: This file is used by another one, and runTimeout counts for a whole run. Say it in the outermost file.',
      'dir/b.yaml:3:29: This file is used by another one, and retryBudget counts for a whole run. Say it in the outermost file.',
    ]);
  });

  it('fields that a group of another file can not have, and uses that name no file', async () => {
    const b = { 'b.yaml': 'version: 1\ntasks: { b: { executor: work } }' };
    expect(await problems(using('b.yaml', '    executor: work\n    children: { x: {} }\n'), b)).toEqual([
      'dir/release.coppice.yaml:5:5: A task with "use" is the group of that file. Remove "executor".',
      'dir/release.coppice.yaml:6:5: A task with "use" is the group of that file. Remove "children".',
    ]);
    const said = async (path: string): Promise<string> => (await problems(using(path), b)).join();
    expect(await said('5')).toContain('4:10: Expected the path of a definition file');
    expect(await said('gone.yaml')).toContain('4:10: There is no file gone.yaml.');
    expect(await said('/etc/b.yaml')).toContain('This path is absolute');
    expect(await said('C:/b.yaml')).toContain('This path is absolute');
    expect(await said('https://example.com/b.yaml')).toContain('not from an address');
    expect(await said('.\\b.yaml')).toContain('with "/"');
    expect(await said('"${{ inputs.x }}"')).toContain('without an expression');
    expect(await said('./')).toContain('Name a definition file');
    expect(await problems('version: 1\ntasks: [{ use: b.yaml }, { name: c }]', b)).toContainEqual(
      expect.stringContaining('needs an id or a name'),
    );
  });

  it('a file that uses itself, directly or through others, with the path of files', async () => {
    const files = {
      'sub/b.yaml': using('../c.yaml'),
      'c.yaml': using('./sub/b.yaml'),
      'self.yaml': using('release.coppice.yaml'),
    };
    expect(await problems(using('sub/b.yaml'), files)).toEqual([
      'dir/c.yaml:4:10: These files use each other without an end: sub/b.yaml → c.yaml → sub/b.yaml. Take one "use" out.',
    ]);
    expect(await problems(using('self.yaml'), files)).toEqual([
      'dir/self.yaml:4:10: These files use each other without an end: release.coppice.yaml → self.yaml → release.coppice.yaml. Take one "use" out.',
    ]);
  });

  it('a file outside of the folder, unless that is allowed', async () => {
    const files = {
      '../b.yaml': 'version: 1\ntasks: { b: { use: dir/c.yaml } }',
      '../dir/c.yaml': 'version: 1\ntasks: { c: { executor: work } }',
    };
    expect(await problems(using('sub/../../b.yaml'), files)).toEqual([
      'dir/release.coppice.yaml:4:10: ../b.yaml is outside of the folder of the definition that is read. Move the file into it, or allow it: --use-outside on the command line, "coppice.useOutside" in the editor.',
    ]);
    const { params } = await definition(using('../b.yaml'), files, { allowOutside: true });
    expect(params.tasks.map(({ id }) => id)).toEqual(['a', 'a.b', 'a.b.c']);
  });

  it('tasks of another file are not seen, from outside or from inside', async () => {
    const files = {
      'b.yaml': 'version: 1\ntasks: { b: { executor: work }, c: { executor: work, dependencies: [outer] } }',
    };
    const outer = `${using('b.yaml')}  outer:\n    dependencies: [a.b, { task: a.c }]\n  more: { parentId: a }\n  deep: { parentId: a.b }\n`;
    const result = await read(outer, files);
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      'dir/release.coppice.yaml:6:20: a.b is a task of b.yaml, which only that file knows. Name the task that uses the file: a.',
      'dir/release.coppice.yaml:6:33: a.c is a task of b.yaml, which only that file knows. Name the task that uses the file: a.',
      'dir/release.coppice.yaml:7:21: a has the tasks of the file that it uses, and no others. Put this task beside it, or into that file.',
      'dir/release.coppice.yaml:8:21: a.b is a task of b.yaml, which only that file knows. Name the task that uses the file: a.',
    ]);
    expect(result.ok ? undefined : result.rest?.params.tasks.find(({ id }) => id === 'a.c')?.dependencies).toEqual([
      'a.outer',
    ]);
  });

  it('a definition that is no file', () => {
    const parsed = parseDefinition(using('b.yaml'), '-');
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([
      '-:4:10: Files can not be used here, because nothing says in which folder this definition is.',
    ]);
  });
});

describe('everything has a limit', () => {
  it('files in a row, files in all, times of use', async () => {
    const chain = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${at}.yaml`, using(`${at + 1}.yaml`)]));
    expect((await problems(using('0.yaml'), chain)).join()).toContain('Files use each other more than 16 deep');
    const many = Array.from({ length: 120 }, (_, at) => `  t${at}: { use: ${at}.yaml }\n`).join('');
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [`${at}.yaml`, 'version: 1\ntasks: { b: }']),
    );
    const found = await problems(`version: 1\ntasks:\n${many}`, files);
    expect(found[0]).toContain('more than 100 files');
    const ten = (path: string): string =>
      `version: 1\ntasks:\n${Array.from({ length: 10 }, (_, at) => `  t${at}: { use: ${path} }\n`).join('')}`;
    const bomb = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at}.yaml`, ten(`${at + 1}.yaml`)]));
    const refused = await problems(ten('0.yaml'), { ...bomb, '12.yaml': 'version: 1\ntasks: { b: }' });
    expect(refused.join()).toContain('used more than 1000 times');
  });

  it('never throws, and names a file and a place, whatever is used', async () => {
    const path = fc.oneof(fc.string(), fc.constantFrom('b.yaml', 'c.yaml', './release.coppice.yaml', '../x.yaml'));
    const text = path.map((use) => using(JSON.stringify(use)));
    await fc.assert(
      fc.asyncProperty(text, text, text, async (outer, b, c) => {
        const result = await read(outer, { 'b.yaml': b, 'c.yaml': c });
        expect(result.ok || result.problems.length > 0).toBe(true);
        for (const { file, line } of result.ok ? [] : result.problems)
          expect(file.startsWith('dir/') && line >= 1).toBe(true);
      }),
    );
  });
});

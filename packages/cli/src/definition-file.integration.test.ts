/** Definition files as people and their editors write them, and what paths in them mean. */
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NestedTask, RunEvent } from '@coppice/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

let cwd: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: cwd, remove } = await makeFolder());
});

afterEach(() => remove());

function coppice(...args: readonly string[]): Promise<CliResult> {
  return runCli(args, { cwd });
}

async function define(text: string, name = 'tree.coppice.yaml'): Promise<string> {
  await writeFile(join(cwd, name), text);
  return name;
}

function jsonLines<T>(text: string): readonly T[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const QUICK = 'version: 1\ntasks:\n  a: { executor: delay, inputs: { ms: 1 } }\n';

describe('relative paths of a definition', () => {
  const TREE = `
version: 1
name: Paths
tasks:
  where: { executor: command, inputs: { command: pwd } }
  below: { executor: command, inputs: { command: pwd, cwd: deep } }
  file: { executor: command, inputs: { command: cat, args: [note.txt] } }
  script: { executor: command, inputs: { command: ./hello.sh } }
  fn: { executor: function, inputs: { module: ./fn.mjs } }
  worker: { executor: function, inputs: { module: ./fn.mjs, worker: true } }
`;

  async function plant(): Promise<string> {
    const sub = join(await realpath(cwd), 'sub');
    await mkdir(join(sub, 'deep'), { recursive: true });
    await writeFile(join(sub, 'tree.coppice.yaml'), TREE);
    await writeFile(join(sub, 'note.txt'), 'note');
    await writeFile(join(sub, 'hello.sh'), '#!/bin/sh\necho hello from $(pwd)\n', { mode: 0o755 });
    await writeFile(join(sub, 'fn.mjs'), 'export default (_, { baseDir }) => baseDir;\n');
    return sub;
  }

  const outputs = async (id: string): Promise<Record<string, unknown>> => {
    const { stdout } = await coppice('tasks', 'tree', id, '--json');
    const { children } = JSON.parse(stdout) as NestedTask;
    return Object.fromEntries(
      children.map(({ key, output }) => [key, (output as { stdout?: string } | null)?.stdout?.trim() ?? output]),
    );
  };

  it('start in its folder, wherever it is run, retried and copied', async () => {
    const sub = await plant();
    const expected = {
      where: sub,
      below: join(sub, 'deep'),
      file: 'note',
      script: `hello from ${sub}`,
      fn: sub,
      worker: sub,
    };
    const run = await coppice('run', join('sub', 'tree.coppice.yaml'), '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const id = jsonLines<RunEvent>(run.stdout)[0]?.treeId ?? '';
    expect(await outputs(id)).toEqual(expected);
    const dataDir = join(cwd, '.coppice');
    const elsewhere = { cwd: join(sub, 'deep') };
    expect((await runCli(['tasks', 'retry', id, '--mode', 'start', '--data-dir', dataDir], elsewhere)).code).toBe(0);
    expect(await outputs(id)).toEqual(expected);
    const copied = await runCli(['tasks', 'execute', id, '--copy', '--json', '--data-dir', dataDir], elsewhere);
    expect(copied.code).toBe(0);
    expect(await outputs(jsonLines<RunEvent>(copied.stdout)[0]?.treeId ?? '')).toEqual(expected);
  });

  it('that lead nowhere are named with the folder they start from', async () => {
    const sub = await plant();
    await rm(join(sub, 'hello.sh'));
    await rm(join(sub, 'fn.mjs'));
    await rm(join(sub, 'deep'), { recursive: true });
    const { code, stdout, stderr } = await coppice('run', join('sub', 'tree.coppice.yaml'), '--json');
    expect({ code, stderr }).toMatchObject({ code: 1 });
    const messages = jsonLines<RunEvent>(stdout).flatMap((event) =>
      event.type === 'TaskFailed' && event.attempt !== undefined ? [event.data.error.message] : [],
    );
    expect(messages.toSorted()).toEqual([
      expect.stringContaining(`Module "./fn.mjs" was not found: ${join(sub, 'fn.mjs')} is no file`),
      expect.stringContaining(`Module "./fn.mjs" was not found: ${join(sub, 'fn.mjs')} is no file`),
      expect.stringContaining(`The working directory "${join(sub, 'deep')}"`),
      expect.stringContaining(`There is no program \`./hello.sh\` in ${sub};`),
    ]);
  });
});

describe('files as editors write them', () => {
  it('reads a configuration and a definition with byte order marks, in UTF-8 and UTF-16', async () => {
    await writeFile(join(cwd, 'coppice.config.json'), '\ufeff{ "extensions": [] }');
    const utf16 = await define('');
    await writeFile(join(cwd, utf16), Buffer.from(`\ufeff${QUICK}`, 'utf16le'));
    expect(await coppice('validate', utf16)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['run', 'validate'])(
    '%s names a misspelt field together with what only the server finds',
    async (command) => {
      const file = await define(
        'version: 1\ntasks:\n  self: { executor: delay, dependencies: [self], inputs: { ms: 1 } }\n  typo: { executor: dealy, dependencis: [nope], inputs: { mss: 1 } }\n',
      );
      const { code, stderr } = await coppice(command, file);
      expect(code).toBe(2);
      expect(stderr).toContain("3:43: Task 'self' can never start: self waits for self");
      expect(stderr).toContain('4:28: unknown field "dependencis": did you mean "dependencies"?');
      expect(stderr).toContain("4:42: Task 'typo' depends on 'nope', which is not in this tree");
      expect(stderr).toContain("4:21: Task 'typo' names the executor 'dealy'");
    },
  );

  it('keeps inputs as they are written, or refuses them', async () => {
    const file = await define(QUICK);
    const refused = await coppice('run', file, '--input', 'n=9007199254740993');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Write it as text: "9007199254740993".');
  });
});

describe('files that a definition uses', () => {
  const INNER =
    'version: 1\ninputs: { ms: { type: integer, required: true } }\ntasks:\n  wait: { executor: delay, inputs: { ms: "${{ inputs.ms }}" } }\n';
  const using = (path: string, ms: string | number = 1): string =>
    `version: 1\ntasks:\n  one: { use: ${path}, inputs: { ms: ${ms} } }\n  two: { use: ${path}, inputs: { ms: 2 } }\n`;

  async function plant(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, path)), { recursive: true });
      await writeFile(join(cwd, path), text);
    }
  }

  it('are part of what is run, created and validated; a task is named by its group', async () => {
    await plant({ 'sub/outer.coppice.yaml': using('./parts/inner.yaml'), 'sub/parts/inner.yaml': INNER });
    expect(await coppice('validate', 'sub/outer.coppice.yaml')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('4 tasks') as string,
    });
    expect(await coppice('run', 'sub/outer.coppice.yaml', 'two.wait', '--json')).toMatchObject({ code: 0 });
    expect(await coppice('tasks', 'create', 'sub/outer.coppice.yaml')).toMatchObject({ code: 0 });
    expect(await coppice('tasks', 'tree', 'latest')).toMatchObject({
      stdout: expect.stringContaining('two') as string,
    });
  });

  it('have their problems at their own places, what they are given at the place that gives it', async () => {
    await plant({
      'outer.coppice.yaml': using('parts/inner.yaml', 'soon'),
      'parts/inner.yaml': INNER.replace('inputs.ms', 'inputs.sm'),
    });
    const { code, stderr } = await coppice('validate', 'outer.coppice.yaml');
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      "outer.coppice.yaml:3:47: Task 'one' is given inputs that do not fit: the input 'ms' is text, and must be a whole number",
      expect.stringMatching(/^parts\/inner\.yaml:4:42: Task 'one\.wait' reads inputs\.sm.* did you mean 'ms'\?$/),
      '✗ 2 problems in outer.coppice.yaml and the files that it uses. Nothing was stored.',
    ]);
    const json = JSON.parse((await coppice('validate', 'outer.coppice.yaml', '--json')).stdout) as {
      problems: { file: string }[];
    };
    expect(json.problems.map(({ file }) => file)).toEqual(['outer.coppice.yaml', 'parts/inner.yaml']);
  });

  it('are in the folder of the definition, links included, unless a person says so', async () => {
    await plant({ 'sub/outer.coppice.yaml': using('../inner.yaml'), 'inner.yaml': INNER });
    const refused = await coppice('run', 'sub/outer.coppice.yaml');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('../inner.yaml is outside') as string });
    expect(await coppice('run', 'sub/outer.coppice.yaml', '--use-outside')).toMatchObject({ code: 0 });
    await symlink(join(cwd, 'inner.yaml'), join(cwd, 'sub', 'link.yaml'));
    await plant({ 'sub/linked.coppice.yaml': using('link.yaml') });
    const linked = await coppice('run', 'sub/linked.coppice.yaml');
    expect(linked).toMatchObject({ code: 2, stderr: expect.stringContaining('is a link to') as string });
    expect(await coppice('run', 'sub/linked.coppice.yaml', '--use-outside')).toMatchObject({ code: 0 });
    await plant({ 'gone.coppice.yaml': using('no.yaml') });
    expect((await coppice('run', 'gone.coppice.yaml')).stderr).toMatch(
      /gone\.coppice\.yaml:3:15: There is no file .*no\.yaml\./,
    );
  });
});

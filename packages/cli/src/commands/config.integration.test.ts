import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, type CliResult } from '../run-cli.fixture.ts';

const TOKEN = 'a-secret-that-nobody-may-see';

async function folderWith(config: object | undefined): Promise<(...args: readonly string[]) => Promise<CliResult>> {
  const { path, remove } = await makeFolder();
  onTestFinished(remove);
  if (config !== undefined) await writeFile(join(path, 'coppice.config.json'), JSON.stringify(config));
  return async (...args) => {
    const result = await runCli(args, { cwd: path, env: { API_TOKEN: TOKEN } });
    // Looking at a configuration makes nothing.
    expect(await readdir(path)).toEqual(config === undefined ? [] : ['coppice.config.json']);
    return result;
  };
}

const config = {
  listen: { port: 0 },
  secrets: { api: { env: 'API_TOKEN' } },
  store: { kind: 'memory', options: { url: `postgres://me:${TOKEN}@db` } },
};

it('config show: every setting with where it comes from, and no value of a secret', async () => {
  const coppice = await folderWith(config);
  const text = await coppice('config', 'show', '--data-dir', 'elsewhere');
  expect(text).toMatchObject({ code: 0, stderr: expect.stringContaining('coppice config check') as string });
  expect(text.stdout).toMatch(/^dataDir +"elsewhere" +--data-dir or COPPICE_DATA_DIR$/m);
  expect(text.stdout).toMatch(/^listen\.port +0 +coppice\.config\.json$/m);
  expect(text.stdout).toMatch(/^listen\.host +"127\.0\.0\.1" +default$/m);
  expect(text.stdout).toMatch(/^secrets\.api\.env +"API_TOKEN" +coppice\.config\.json$/m);
  const json = await coppice('config', 'show', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: 'coppice.config.json',
    settings: expect.arrayContaining([
      { path: 'store.kind', value: 'memory', from: 'file' },
      { path: 'store.options.url', value: '(not shown)', from: 'file' },
    ]) as object[],
  });
  for (const { stdout, stderr } of [text, json]) expect(stdout + stderr).not.toContain(TOKEN);
});

it('config check: everything that is wrong at once, in the file or around it', async () => {
  const fine = await folderWith(config);
  expect(await fine('config', 'check')).toMatchObject({ code: 0, stdout: '✓ coppice.config.json is valid.\n' });
  const none = await folderWith(undefined);
  expect(await none('config', 'check')).toMatchObject({ code: 0 });
  expect(await none('config', 'show')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('defaults') as string,
  });

  const misspelt = await folderWith({ datadir: 'x', listen: { prot: 1, host: 7 }, env: ['COPPICE_TOKEN'] });
  const fields = await misspelt('config', 'check');
  expect(fields.code).toBe(2);
  expect(fields.stdout).toContain('datadir: unknown field "datadir": did you mean "dataDir"?');
  expect(fields.stdout).toContain('listen.prot: unknown field "prot": did you mean "port"?');
  expect(fields.stdout).toContain('listen.host: expected string');

  const disabled = await folderWith({ executors: { disable: ['comand', 'delay', 'htpp'] } });
  const names = await disabled('config', 'check', '--json');
  expect((JSON.parse(names.stdout) as { problems: string[] }).problems).toEqual([
    'executors.disable[0]: there is no executor "comand". Did you mean "command"?',
    'executors.disable[2]: there is no executor "htpp". Did you mean "http"?',
  ]);

  const around = await folderWith({
    auth: { noAuth: true, users: [{ userId: 'ann', token: { env: 'NOT_SET' } }] },
    listen: { host: '0.0.0.0' },
    secrets: { a: { env: 'NOT_SET_EITHER' }, b: { env: 'API_TOKEN' } },
    extensions: ['./nowhere.mjs'],
  });
  const { code, stdout } = await around('config', 'check', '--json');
  expect(code).toBe(2);
  const { problems } = JSON.parse(stdout) as { problems: string[] };
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'listen.host',
    'auth.users[0].token',
    'secrets.a',
    'extensions',
  ]);
});

it('config schema: what editors check the file with, every field with a description', async () => {
  const coppice = await folderWith(undefined);
  const { stdout } = await coppice('config', 'schema');
  const published = new URL('../../../../docs/schema/coppice.config.schema.json', import.meta.url);
  const { title: _, description: __, ...schema } = JSON.parse(await readFile(published, 'utf8')) as Schema;
  expect(JSON.parse(stdout)).toEqual(schema);
  const bare: string[] = [];
  const stack: [string, Schema][] = [['', schema]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [path, { properties = {}, items, anyOf = [], additionalProperties }] = top;
    for (const [name, field] of Object.entries(properties)) {
      if (field.description === undefined) bare.push(`${path}.${name}`);
      stack.push([`${path}.${name}`, field]);
    }
    for (const inner of [items, additionalProperties, ...anyOf]) {
      if (typeof inner === 'object') stack.push([`${path}[]`, inner]);
    }
  }
  expect(bare).toEqual([]);
});

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

it('config check: knows the breakers of the guide, and says what is wrong with others (R-SG-08)', async () => {
  const { path, remove } = await makeFolder();
  onTestFinished(remove);
  const file = new URL('../../../../docs/guide/breaker-files/coppice.config.json', import.meta.url).pathname;
  expect(await runCli(['config', 'check', '--config', file], { cwd: path })).toMatchObject({ code: 0 });
  const wrong = join(path, 'wrong.json');
  await writeFile(wrong, JSON.stringify({ engine: { limits: { breakers: { http: { failureRate: 2, key: 'x' } } } } }));
  const { code, stderr, stdout } = await runCli(['config', 'check', '--config', wrong], { cwd: path });
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(/engine\.limits\.breakers\.http\.failureRate/);
});

it('config check: knows the example of the guide', async () => {
  const { path, remove } = await makeFolder();
  onTestFinished(remove);
  const file = new URL('../../../../docs/guide/security-files/coppice.config.json', import.meta.url).pathname;
  const tokens = { OPS_TOKEN: `${TOKEN}-1`, ANN_TOKEN: `${TOKEN}-2`, API_TOKEN: TOKEN };
  const checked = await runCli(['config', 'check', '--config', file], { cwd: path, env: tokens });
  expect(checked).toMatchObject({ code: 0, stdout: `✓ ${file} is valid.\n` });
});

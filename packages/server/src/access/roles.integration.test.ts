/** What the role `user` can reach, over HTTP and with the real executors. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contribution, type Executor, type ExtensionModule } from '@coppice/core';
import type { MethodName, Params, Result } from '@coppice/protocol';
import { ContainerModule } from 'inversify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer, type Server } from '../composition/create-server.ts';
import { parseConfig, type ServerConfigInput } from '../config.ts';

const ANN = 'a-long-token-for-ann';
const BOB = 'a-long-token-for-bob';

interface Answer<Name extends MethodName> {
  readonly result?: Result<Name>;
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly errors?: object[] } };
}

interface Running {
  readonly server: Server;
  readonly as: <Name extends MethodName>(who: string, method: Name, params: Params<Name>) => Promise<Answer<Name>>;
  /** Calls as the owner; the call must succeed. */
  readonly owner: <Name extends MethodName>(method: Name, params: Params<Name>) => Promise<Result<Name>>;
}

/** Third-party executors: one that runs what a task names, and one that does so for some inputs. */
const thirdParty: ExtensionModule = {
  manifest: { name: 'third-party', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] },
  module: new ContainerModule(({ bind }) => {
    const executors: readonly Executor[] = [
      { type: 'script', description: '', effects: 'external', actsAsServer: true, execute: () => 'ran' },
      {
        type: 'render',
        description: '',
        effects: 'pure',
        actsAsServer: ({ template }) => typeof template === 'string' && template.startsWith('file:'),
        execute: () => 'rendered',
      },
    ];
    for (const executor of executors) bind(Contribution.Executor).toConstantValue(executor);
  }),
};

async function running(value: ServerConfigInput = {}, environment: Record<string, string> = {}): Promise<Running> {
  const dir = await mkdtemp(join(tmpdir(), 'coppice-roles-'));
  const users = ['ann', 'bob'].map((userId) => ({ userId, token: { env: userId.toUpperCase() } }));
  const parsed = parseConfig({ dataDir: join(dir, 'data'), listen: { port: 0 }, auth: { users }, ...value });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, {
    logLevel: 'silent',
    extensions: [{ source: thirdParty }],
    environment: { ANN, BOB, ...environment },
  });
  onTestFinished(async () => {
    await server.stop({ graceMs: 0 });
    await rm(dir, { recursive: true, force: true });
  });
  await server.start();
  const as: Running['as'] = async (token, method, params) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return (await (await fetch(`${server.address?.url}/rpc`, { method: 'POST', headers, body })).json()) as never;
  };
  const token = (await readFile(server.tokenFile ?? '', 'utf8')).trim();
  const owner: Running['owner'] = async (method, params) => {
    const { result, error } = await as(token, method, params);
    if (result === undefined) throw new Error(JSON.stringify(error));
    return result;
  };
  return { server, as, owner };
}

const command = { name: 'x', executor: 'command', inputs: { command: 'true' } };
const refused = (setting: string) => ({ error: { code: -32004, message: expect.stringContaining(setting) as string } });

describe('the role user', () => {
  it('may not use executors that act with the rights of the server, of third parties too', async () => {
    const { as } = await running();
    const hostile = [
      command,
      { name: 'x', executor: 'function', inputs: { module: './evil.mjs' } },
      { name: 'x', executor: 'function', inputs: { module: 'node:child_process', export: 'execSync', args: 'id' } },
      { name: 'x', executor: 'script' },
      { name: 'x', executor: 'render', inputs: { template: 'file:/etc/passwd' } },
    ];
    for (const task of hostile) {
      for (const method of ['tasks.create', 'tasks.execute'] as const) {
        expect(await as(ANN, method, { tasks: [task] }), JSON.stringify(task)).toMatchObject(
          refused('roles.user.executors'),
        );
      }
      const { result } = await as(ANN, 'tasks.validate', { tasks: [task] });
      expect(result).toMatchObject({
        valid: false,
        errors: [{ code: 'auth/unauthorized', path: ['tasks', 0, expect.any(String)] }],
      });
    }
    for (const task of [
      { name: 'x', executor: 'delay', inputs: { ms: 1 } },
      { name: 'x', executor: 'render' },
    ]) {
      const done = await as(ANN, 'tasks.execute', { tasks: [task], wait: true });
      expect(done).toMatchObject({ result: { status: 'completed' } });
    }
  });

  it('learns of every task that it may not submit at once', async () => {
    const { as } = await running();
    const tasks = [{ name: 'root' }, ...['a', 'b'].map((name) => ({ ...command, name, parentId: 'root' }))];
    const { error } = await as(ANN, 'tasks.create', { tasks });
    expect(error?.data.errors).toMatchObject([{ path: ['tasks', 1, 'executor'] }, { path: ['tasks', 2, 'executor'] }]);
  });

  it('may not run, retry, copy or change a tree of its own that an admin made with such an executor', async () => {
    const { as, owner } = await running();
    const { id } = (await owner('tasks.create', { tasks: [command], userId: 'ann' })) as { id: string };
    const setting = refused('roles.user.executors');
    expect(await as(ANN, 'tasks.execute', { taskId: id })).toMatchObject(setting);
    expect(await as(ANN, 'tasks.execute', { taskId: id, copy: {} })).toMatchObject(setting);
    expect(await as(ANN, 'tasks.copy', { taskId: id })).toMatchObject(setting);
    expect(await as(ANN, 'tasks.copy', { taskId: id, save: false })).toMatchObject(setting);
    expect(await as(ANN, 'tasks.update', { taskId: id, patch: { inputs: { command: 'id' } } })).toMatchObject(setting);
    expect(await owner('tasks.execute', { taskId: id, wait: true })).toMatchObject({ status: 'completed' });
    expect(await as(ANN, 'tasks.retry', { taskId: id, mode: 'start' })).toMatchObject(setting);
    expect(await as(ANN, 'tasks.get', { taskId: id })).toMatchObject({ result: { status: 'completed' } });
  });

  it('may not run or change a multiplied task of its own whose copies have such an executor', async () => {
    const { as, owner } = await running();
    const setting = refused('roles.user.executors');
    const inside = [
      { name: 'root', forEach: [1] },
      { ...command, name: 'in', parentId: 'root' },
    ];
    for (const tasks of [[{ ...command, forEach: [1] }], inside]) {
      const { id } = (await owner('tasks.create', { tasks, userId: 'ann' })) as { id: string };
      expect(await as(ANN, 'tasks.execute', { taskId: id })).toMatchObject(setting);
      expect(await as(ANN, 'tasks.copy', { taskId: id })).toMatchObject(setting);
      if (tasks === inside) continue;
      const patch = { inputs: { command: 'id' } };
      expect(await as(ANN, 'tasks.update', { taskId: id, patch })).toMatchObject(setting);
    }
  });

  it('may not turn a task of its own into one: by an override of a copy', async () => {
    const { as } = await running();
    const tasks = [{ name: 'x', executor: 'delay', inputs: { ms: 1 } }];
    const { result } = await as(ANN, 'tasks.create', { tasks });
    const { id } = result as { id: string };
    const overrides = { [id]: { executor: 'command', inputs: { command: 'id' } } };
    expect(await as(ANN, 'tasks.copy', { taskId: id, overrides })).toMatchObject(refused('roles.user.executors'));
  });

  it('uses what the configuration gives it, and nothing else', async () => {
    const { as } = await running({ roles: { user: { executors: ['command'] } } });
    const ran = await as(ANN, 'tasks.execute', { tasks: [command], wait: true });
    expect(ran).toMatchObject({ result: { status: 'completed' } });
    const delay = { name: 'x', executor: 'delay', inputs: { ms: 1 } };
    expect(await as(ANN, 'tasks.create', { tasks: [delay] })).toMatchObject(refused('roles.user.executors'));
  });

  it('can not make a request act for the server: send a file or reach its network, by itself, an expression or a dependency', async () => {
    const { as, owner } = await running({ roles: { user: { executors: ['http', 'aggregate'] } } });
    const declared = { file: null, parts: null, body: null, yes: null, b: null };
    const hostile = [
      { body: { multipart: { file: { path: '/etc/hostname' } } } },
      { body: { multipart: { file: '${{ inputs.file }}' } } },
      { body: { multipart: '${{ inputs.parts }}' } },
      { body: ' ${{ inputs.body }} ' },
      { allowPrivateAddresses: true },
      { allowPrivateAddresses: '${{ inputs.yes }}' },
    ];
    const http = (inputs: object) => ({
      name: 'x',
      executor: 'http',
      inputs: { url: 'http://127.0.0.1:9/', ...inputs },
    });
    for (const inputs of hostile) {
      const task = http(inputs);
      expect(
        await as(ANN, 'tasks.create', { tasks: [task as never], inputs: declared }),
        JSON.stringify(inputs),
      ).toMatchObject(refused('{"type":"http","actAsServer":true} in roles.user.executors'));
      await owner('tasks.create', { tasks: [task as never], inputs: declared });
    }
    const delivered = [
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'aggregate', inputs: {} },
      { ...http({}), parentId: 'root', dependencies: [{ task: 'a', into: 'body' }] },
    ];
    expect(await as(ANN, 'tasks.create', { tasks: delivered })).toMatchObject(refused('roles.user.executors'));
    const lent = await running({ roles: { user: { executors: [{ type: 'http', actAsServer: true }] } } });
    for (const inputs of hostile) {
      expect(await lent.as(ANN, 'tasks.create', { tasks: [http(inputs)], inputs: declared })).toMatchObject({
        result: { name: 'x' },
      });
    }
    const harmless = http({ body: { multipart: { text: 'a ${{ inputs.b }}', file: { content: '${{ inputs.b }}' } } } });
    expect(await as(ANN, 'tasks.create', { tasks: [harmless], inputs: declared })).toMatchObject({
      result: { name: 'x' },
    });
  });

  it('has what the configuration of the guide gives it', async () => {
    const file = new URL('../../../../docs/guide/security-files/coppice.config.json', import.meta.url);
    const { executors, roles } = JSON.parse(await readFile(file, 'utf8')) as ServerConfigInput;
    const { as } = await running({ ...(executors && { executors }), ...(roles && { roles }) });
    const get = { name: 'x', executor: 'http', inputs: { url: 'https://example.org/' } };
    expect(await as(ANN, 'tasks.create', { tasks: [get] })).toMatchObject({ result: { name: 'x' } });
    expect(await as(ANN, 'tasks.create', { tasks: [command] })).toMatchObject(refused('roles.user.executors'));
    const none = { name: 'x', executor: 'function', inputs: { module: './x.mjs' } };
    expect(await as(ANN, 'tasks.create', { tasks: [none] })).toMatchObject({ error: { code: -32003 } });
  });
});

describe('executors that are disabled', () => {
  it('do not exist for anybody, also in what is stored already', async () => {
    const { owner, as, server } = await running({ executors: { disable: ['command', 'function'] } });
    expect((await owner('executors.list', {})).items.map(({ type }) => type)).not.toContain('command');
    const created = await as((await readFile(server.tokenFile ?? '', 'utf8')).trim(), 'tasks.create', {
      tasks: [command],
    });
    expect(created).toMatchObject({ error: { code: -32003 } });
  });

  it('are named rightly, or the server does not start', async () => {
    await expect(running({ executors: { disable: ['comand'] } })).rejects.toThrow(
      'executors.disable[0]: there is no executor "comand". Did you mean "command"?',
    );
    await expect(running({ roles: { user: { executors: ['htp'] } } })).rejects.toThrow('Did you mean "http"?');
  });
});

describe('environment variables', () => {
  it('reach a command only from the list of the configuration, whoever asks', async () => {
    const { owner, as, server } = await running(
      { env: ['SHARED', 'NOT_SET'] },
      { SHARED: 'shared', PRIVATE: 'private' },
    );
    const token = (await readFile(server.tokenFile ?? '', 'utf8')).trim();
    const env = (inheritEnv: unknown) => ({
      name: 'x',
      executor: 'command',
      inputs: { command: 'env', inheritEnv: inheritEnv as string[] },
    });
    expect(await as(token, 'tasks.create', { tasks: [env(['SHARED', 'PRIVATE'])] })).toMatchObject({
      error: { code: -32004, message: expect.stringMatching(/PRIVATE.*"env"/) as string },
    });
    const { treeId } = await owner('tasks.execute', { tasks: [env(['SHARED', 'NOT_SET'])], wait: true });
    const { output } = await owner('tasks.get', { taskId: treeId });
    expect((output as { stdout: string }).stdout).toContain('SHARED=shared\n');
    expect((output as { stdout: string }).stdout).not.toContain('NOT_SET');
    // An expression is only known when the task starts.
    const late = await owner('tasks.execute', { tasks: [env('${{ ["PRIVATE"] }}')], wait: true });
    expect(await owner('tasks.get', { taskId: late.treeId })).toMatchObject({
      status: 'failed',
      error: { code: 'command/env-not-allowed', message: expect.stringContaining('"env": ["PRIVATE"]') as string },
    });
  });

  it('with secrets or tokens in them can not be given to tasks', () => {
    const value = {
      env: ['API_TOKEN', 'ANN_TOKEN', 'COPPICE_TOKEN', 'BRANCH'],
      secrets: { api: { env: 'API_TOKEN' } },
      auth: { users: [{ userId: 'ann', token: { env: 'ANN_TOKEN' } }] },
    };
    expect(parseConfig(value)).toMatchObject({
      ok: false,
      errors: [{ path: ['env', 0] }, { path: ['env', 1] }, { path: ['env', 2] }],
    });
  });

  it('of the server do not reach a command by themselves: its token is in none of them', async () => {
    const { owner } = await running({}, {});
    const { treeId } = await owner('tasks.execute', {
      tasks: [{ name: 'x', executor: 'command', inputs: { command: 'env' } }],
      wait: true,
    });
    const { output } = await owner('tasks.get', { taskId: treeId });
    const names = (output as { stdout: string }).stdout.split('\n').map((line) => line.split('=')[0] ?? '');
    const allowed =
      /^(PATH|HOME|USER|LANG|LC_ALL|TZ|TMPDIR|TMP|TEMP|COPPICE_(TREE_ID|TASK_ID|ATTEMPT|IDEMPOTENCY_KEY|OWNER)|)$/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  });
});

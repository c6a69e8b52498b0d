/**
 * Secrets through every executor, output, error, log and crash of real processes (R-SE-04): afterwards no file below the data directory,
 * no line that was printed, no answer, no page and no diagnostic report holds one, whole or by the line.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli, type CliResult } from './run-cli.fixture.ts';

const TOKEN = 'tr0ub4dor&3 "quoted" \\ päss/word+=';
const KEY = `-----BEGIN TEST KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END TEST KEY-----\n`;
const PIN = '4815162342';

const whole = [TOKEN, PIN, ...KEY.split('\n').slice(1, 3)];
const needles = whole.flatMap((secret) => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('latin1'),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
]);

const MODULE = `
const token = () => process.env.T_TOKEN;
export const tells = async ({ secret }, ctx) => {
  ctx.logger.info('using ' + secret, { secret, [secret]: new Error(secret) });
  ctx.progress(0.5, 'sending ' + secret);
  ctx.heartbeat();
  await ctx.record?.('call ' + secret, () => ({ secret }));
  return { secret, [secret]: [secret, JSON.stringify({ secret }), Buffer.from('user:' + secret).toString('base64')] };
};
export const throws = ({ secret }) => {
  const cause = new Error('because of ' + secret, { cause: secret });
  throw Object.assign(new Error('refused ' + secret, { cause }), { code: 'x/' + secret, data: { secret } });
};
export const outside = ({ secret }) => new Promise(() => setTimeout(() => { throw new Error('outside ' + secret); }, 1));
export const parses = ({ secret }) => JSON.parse('{"padding": "' + 'x'.repeat(80) + '", ' + secret + '}');
export const dies = async ({ secret, mark }, ctx) => {
  const { existsSync, writeFileSync } = await import('node:fs');
  await ctx.record('before', () => secret);
  if (existsSync(mark)) return secret;
  writeFileSync(mark, '');
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};
`;

function definition(url: string): object {
  const [token, key, pin] = ['TOKEN', 'KEY', 'PIN'].map((name) => `\${{ secrets.${name} }}`);
  const command = (inputs: object): object => ({ executor: 'command', allowFailure: true, inputs });
  const shell = (line: string, more: object = {}): object =>
    command({ command: line, shell: true, env: { T: token, K: key, P: pin }, ...more });
  const http = (inputs: object): object => ({
    executor: 'http',
    allowFailure: true,
    inputs: { allowPrivateAddresses: true, ...inputs },
  });
  const call = (name: string, more: object = {}): object => ({
    executor: 'function',
    allowFailure: true,
    inputs: { module: './leaks.mjs', export: name, args: { secret: token }, ...more },
  });
  return {
    version: 1,
    tasks: {
      arguments: command({ command: 'echo', args: [token, `key=${key}`, pin] }),
      input: command({ command: 'cat', stdin: { token, key, pin } }),
      missing: command({ command: `./${token}` }),
      folder: command({ command: 'true', cwd: `/nowhere/${token}` }),
      errors: shell('echo "no login for $T" >&2; printf "%s" "$K" | sed -n 2p >&2; exit 1'),
      ended: shell('echo "$T"; kill -9 $$'),
      lines: shell('printf "%s" "$K"', { parse: 'lines' }),
      number: shell('echo "{\\"pin\\": $P}"', { parse: 'json' }),
      broken: shell('echo "{ \\"a\\": $T and more than the parser shows of it in its message"', { parse: 'json' }),
      cut: shell('printf "%s%s" "$T" "$T"', { maxOutputBytes: 50, keep: 'head' }),
      encoded: shell('printf "%s" "$T" | base64; printf "%s" "$T" | od -An -tx1 | tr -d " \\n"'),
      bearer: http({ url: `${url}/ok`, auth: { bearer: pin }, query: { token }, headers: { 'x-key': pin } }),
      basic: http({ url: `${url}/fail`, method: 'POST', auth: { basic: { username: 'me', password: token } } }),
      posted: http({ url: `${url}/fail`, method: 'POST', body: { json: { token, key, pin } } }),
      unparsed: http({ url: `${url}/text`, method: 'POST', body: { text: token }, parse: 'json' }),
      nowhere: http({ url: `http://127.0.0.1:1/${pin}` }),
      malformed: http({ url: token }),
      tells: call('tells'),
      tellsApart: call('tells', { worker: true }),
      throws: call('throws'),
      throwsApart: call('throws', { worker: true }),
      outside: call('outside'),
      outsideApart: call('outside', { worker: true }),
      parses: call('parses'),
      absent: call(String(token)),
      delay: { executor: 'delay', allowFailure: true, inputs: { ms: token } },
      system: { executor: 'system-info', allowFailure: true, inputs: { include: [token] } },
      expression: { executor: 'delay', allowFailure: true, inputs: { ms: '${{ int(secrets.TOKEN) + 1 }}' } },
      aggregate: { executor: 'aggregate', dependencies: ['arguments', 'number', 'tells'] },
      next: { ...command({ command: 'echo', args: ['${{ deps.arguments.stdout }}'] }), dependencies: ['arguments'] },
    },
  };
}

it('leaves no byte of a secret anywhere', { timeout: 120_000 }, async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  const url = await echoServer();
  const file = async (name: string, text: unknown): Promise<void> =>
    writeFile(join(cwd, name), typeof text === 'string' ? text : JSON.stringify(text));
  await file('leaks.mjs', MODULE);
  await file('all.json', definition(url));
  const args = { secret: '${{ secrets.TOKEN }}', mark: join(cwd, 'mark') };
  const dies = { executor: 'function', inputs: { module: './leaks.mjs', export: 'dies', args } };
  await file('dies.json', { version: 1, tasks: { dies } });
  const names = { TOKEN: 'T_TOKEN', KEY: 'T_KEY', PIN: 'T_PIN' };
  const secrets = Object.fromEntries(Object.entries(names).map(([name, env]) => [name, { env }]));
  await file('coppice.config.json', { secrets, listen: { port: 0 } });
  const env = { T_TOKEN: TOKEN, T_KEY: KEY, T_PIN: PIN, COPPICE_DEBUG: '1' };
  const shown: string[] = [];
  const coppice = async (...line: readonly string[]): Promise<CliResult> => {
    const result = await runCli(line, { cwd, env });
    shown.push(result.stdout, result.stderr);
    return result;
  };

  const all = await coppice('run', 'all.json', '--json');
  expect(all.code).toBe(0);
  const codes = [...all.stdout.matchAll(/"code":"([a-z]+\/[a-z-]+)"/g)].map(([, code]) => code);
  expect(codes).toEqual(
    expect.arrayContaining(['command/exit', 'command/signal', 'command/invalid-json', 'command/not-found']),
  );
  expect(codes).toEqual(expect.arrayContaining(['http/status', 'http/invalid-json', 'executor/uncaught']));
  expect(codes).toEqual(expect.arrayContaining(['task/invalid-inputs', 'inputs/unresolved']));
  expect((await coppice('run', 'all.json')).code).toBe(0);
  expect((await coppice('run', 'dies.json')).code).toBeNull();
  expect((await coppice('resume')).code).toBe(0);
  const { items } = JSON.parse((await coppice('tasks', 'list', '--json')).stdout) as { items: { id: string }[] };
  expect(items).toHaveLength(3);
  const id = items[2]?.id ?? '';
  for (const what of ['get', 'events', 'attempts', 'logs', 'failures']) await coppice('tasks', what, id);

  const server = startCli(['serve', '--no-auth', '--json'], {
    cwd,
    env: { ...env, NODE_OPTIONS: '--report-on-signal' },
  });
  await server.until('"url"');
  const { url: address } = JSON.parse(await readFile(join(cwd, '.coppice', 'server.json'), 'utf8')) as { url: string };
  for (const place of ['', ...items.map((item) => `events?treeId=${item.id}`)]) {
    const response = await fetch(`${address}/${place}`, { headers: { 'last-event-id': '0' } });
    shown.push(await response.text());
  }
  server.child.kill('SIGUSR2');
  await expect.poll(async () => (await readdir(cwd)).some((name) => name.startsWith('report.'))).toBe(true);
  server.child.kill('SIGTERM');
  const { stdout, stderr } = await server.ended;
  shown.push(stdout, stderr);

  for (const [place, text] of [...(await filesBelow(cwd)), ['what was shown', shown.join('\n')] as const]) {
    for (const needle of needles) expect(text.includes(needle), `${needle} in ${place}`).toBe(false);
  }
});

/** Answers what it is sent. */
async function echoServer(): Promise<string> {
  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    return body;
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      response.statusCode = request.url?.startsWith('/fail') === true ? 422 : 200;
      response.setHeader('content-type', 'application/json');
      const { headers, url = '' } = request;
      response.end(url === '/text' ? `{ ${'x'.repeat(60)} ${body}` : JSON.stringify({ url, headers, body }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function filesBelow(folder: string): Promise<readonly (readonly [string, string])[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, name }) => {
      const text = await readFile(join(parentPath, name), 'latin1');
      return [join(parentPath, name), text] as const;
    });
  return Promise.all(texts);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { foldEvents, type TaskView } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliOptions } from './run-cli.fixture.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples');

/** Runs an example's definition in its own folder; answers its events. A number among the arguments is the expected exit code, else 0. */
async function eventsOf(name: string, ...given: readonly (string | number)[]): Promise<readonly RunEvent[]> {
  const args = given.filter((each) => typeof each === 'string');
  const expected = given.find((each) => typeof each === 'number') ?? 0;
  const data = await makeFolder();
  onTestFinished(data.remove);
  const cli = ['run', `${name}.coppice.yaml`, '--json', '--data-dir', data.path, ...args];
  const { code, stdout, stderr } = await runCli(cli, { cwd: join(EXAMPLES, name) });
  expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}

/** Outputs of the completed tasks by the ids of the definition. */
function outputsOf(events: readonly RunEvent[]): Readonly<Record<string, unknown>> {
  const keys = new Map<string, string>();
  const outputs: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type === 'TreeCreated') for (const { id, key } of event.data.definition.tasks) keys.set(id, key);
    if (event.type === 'TaskCompleted') outputs[keys.get(event.taskId) ?? ''] = event.data.output;
  }
  return outputs;
}

async function runProgram(name: string): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=coppice-source', 'main.ts'], { cwd: join(EXAMPLES, name) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, output }).toMatchObject({ code: 0 });
  return output;
}

it('hello: the output of a dependency is at hand (R-QG-06)', async () => {
  const outputs = outputsOf(await eventsOf('hello', '--input', 'who=you'));
  expect(outputs['goodbye']).toMatchObject({ stdout: 'hello you, and goodbye\n' });
});

it('executors: one task of each that comes with Coppice and needs no network', async () => {
  const outputs = outputsOf(await eventsOf('executors'));
  expect(outputs).toMatchObject({ breathe: { ms: 1000 }, report: { count: 2 }, shorter: { count: 1 }, total: 3 });
});

it('parallel-with-limits: never more than three at once, the urgent one in the first batch (R-QG-06, R-SC-02)', async () => {
  const events = await eventsOf('parallel-with-limits');
  const running = new Set<string>();
  let most = 0;
  for (const event of events) {
    if (event.type === 'TaskStarted') most = Math.max(most, running.add(event.taskId).size);
    else if (event.type === 'TaskCompleted') running.delete(event.taskId);
  }
  expect(most).toBe(3);
  const { report, sha256 } = outputsOf(events) as { report: Record<string, string>; sha256: { stdout: string } };
  expect(Object.keys(report)).toHaveLength(8);
  expect(report['sha256']).toBe(sha256.stdout);
});

it('retry-and-timeout: the third attempt counts, the slow task has a substitute (R-QG-06, R-RT-02, R-TO-01)', async () => {
  const events = await eventsOf('retry-and-timeout');
  expect(events.filter(({ type }) => type === 'RetryScheduled')).toHaveLength(2);
  expect(outputsOf(events)['report']).toMatchObject({
    figures: { attempt: 3 },
    yesterday: { stdout: 'prices of yesterday\n' },
  });
});

it('custom-executor: an extension loaded by path does the work (R-QG-06, R-TV-10)', async () => {
  const { words, greet } = outputsOf(await eventsOf('custom-executor'));
  const counted = words as readonly (readonly [string, number])[];
  expect(counted).toHaveLength(5);
  expect(counted.every(([word, count]) => word.length >= 4 && count > 0)).toBe(true);
  expect(greet).toEqual({ hello: counted[0]?.[0] });
});

it('copy-and-re-execute: what had completed is reused (R-QG-06, R-TV-06)', async () => {
  expect(await runProgram('copy-and-re-execute')).toMatch(
    /: failed[^]*: completed\n {2}fetch: completed, reused\n {2}build: completed/,
  );
});

it('rpc-client: a program follows a run over a WebSocket (R-QG-06)', async () => {
  expect(await runProgram('rpc-client')).toMatch(
    /1 TreeCreated[^]*RunCompleted[^]*rain in the north[^]*both completed \{"north":\{"ms":100\},"south":\{"ms":200\}\}/,
  );
});

it('rate-limited-crawl: keeps the rate of each site (R-LM-02, R-LM-03)', async () => {
  const events = await eventsOf('rate-limited-crawl');
  const rates = new Map<string, string>();
  const starts = new Map<string, number[]>();
  for (const event of events) {
    if (event.type === 'TaskDue') rates.set(event.taskId, event.data.rates?.[0] ?? '');
    const rate = event.type === 'TaskStarted' ? rates.get(event.taskId) : undefined;
    if (rate !== undefined) starts.set(rate, [...(starts.get(rate) ?? []), Date.parse(event.at)]);
  }
  expect([...starts.keys()].toSorted()).toEqual(['site-north', 'site-south']);
  for (const times of starts.values()) {
    expect(times).toHaveLength(6);
    // One, then one each 50 ms: a token less for the millisecond that times are rounded to.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(4 * 50);
  }
});

it('noisy-and-quiet-user: who has little to do does not wait for who has much (R-SC-20)', async () => {
  const [, done] =
    /quiet has done 3 of 3; noisy has done (\d+) of 200/.exec(await runProgram('noisy-and-quiet-user')) ?? [];
  expect(Number(done)).toBeLessThan(100);
});

/** Statuses of the tasks at the end, by the ids of the definition. */
function statusesOf(events: readonly RunEvent[]): Readonly<Record<string, string>> {
  const { tasks } = foldEvents(events);
  return Object.fromEntries([...tasks.values()].map(({ definition: { key }, status }) => [key, status]));
}

it('race-of-mirrors: the first answer is used, and the slow mirror is cancelled', async () => {
  const events = await eventsOf('race-of-mirrors');
  expect(statusesOf(events)).toMatchObject({
    north: 'failed',
    east: 'completed',
    west: 'cancelled',
    unpack: 'completed',
  });
  expect(outputsOf(events)['unpack']).toEqual({ east: { from: 'east' } });
});

it('clean-up-after-tests: the environment is taken down after tests that passed and after tests that failed (R-SG-04)', async () => {
  const passed = await eventsOf('clean-up-after-tests');
  expect(statusesOf(passed)).toMatchObject({ tests: 'completed', 'take-down': 'completed', report: 'completed' });
  const failed = await eventsOf('clean-up-after-tests', 1, '--input', 'broken=true');
  expect(statusesOf(failed)).toMatchObject({
    tests: 'failed',
    'take-down': 'completed',
    check: 'failed',
    report: 'skipped',
  });
});

it('prices-with-fallback: another executor and a value stand in, and dependents go on once (R-SG-11)', async () => {
  const events = await eventsOf('prices-with-fallback');
  const offer = { stdout: expect.stringMatching(/^prices of yesterday, because: timeout\s+in EUR\s*$/) as unknown };
  expect(outputsOf(events)).toMatchObject({ offer, warn: { stdout: 'the price service does not answer\n' } });
  const starts = events.filter((event) => event.type === 'TaskStarted' && event.data.fallback === true);
  expect(starts).toHaveLength(1);
});

it('nightly-import-in-time: each part has its time, and a fatal error ends the run (R-TO-05, R-RT-06)', async () => {
  const name = 'nightly-import-in-time';
  const events = await eventsOf(name);
  const publish = { stdout: 'articles of yesterday, prices of today\n\n' };
  expect(outputsOf(events)).toMatchObject({ articles: 'articles of yesterday', publish });
  const limits = events.flatMap((event) => (event.type === 'TaskStarted' ? (event.data.limit ?? []) : []));
  expect(limits.toSorted()).toEqual(['scope', 'scope', 'task', 'total']);
  const ended = await eventsOf(name, 1, '--input', 'key=revoked');
  expect(statusesOf(ended)).toMatchObject({ login: 'failed', articles: 'cancelled', logout: 'completed' });
  expect(ended.filter(({ type }) => type === 'RetryScheduled')).toEqual([]);
  expect(ended.at(-1)).toMatchObject({ type: 'RunFailed', data: { error: { code: 'run/fatal' } } });
});

it('breaker-with-fallback-to-a-cache: three calls open the breaker, the others go to the cache at once (R-SG-08, R-SG-11)', async () => {
  const events = await eventsOf('breaker-with-fallback-to-a-cache');
  const cached = events.filter((event) => event.type === 'TaskStarted' && event.data.fallback === true);
  expect(cached).toHaveLength(10);
  expect(cached.filter((event) => JSON.stringify(event).includes('the breaker is open'))).toHaveLength(7);
  const calls = events.filter((event) => event.type === 'TaskStarted' && event.data.input['export'] === 'askService');
  expect(calls).toHaveLength(3);
});

it('order-saga: what was done is undone in reverse order when shipping fails (R-SG-01, R-SG-03, R-SG-07)', async () => {
  expect(statusesOf(await eventsOf('order-saga'))).toMatchObject({ ship: 'completed', order: 'completed' });
  const events = await eventsOf('order-saga', 1, '--input', 'address=nowhere');
  const outputs = events.flatMap((event) => (event.type === 'TaskCompleted' ? [event.data.output] : []));
  expect(outputs.slice(2, 4)).toEqual([
    { refunded: 'P-20', because: 'No carrier goes to nowhere', key: 'compensate' },
    { released: 'R-book' },
  ]);
  expect(events.at(-1)).toMatchObject({
    type: 'RunFailed',
    data: { compensation: { result: 'complete', tasks: 2, failures: [] } },
  });
});

it('error-branch-with-notification: the branch that fits the error goes on, and somebody is told (R-RO-08, R-RO-13)', async () => {
  const name = 'error-branch-with-notification';
  const exists = await eventsOf(name);
  const branches = { announce: 'skipped', 'next-version': 'skipped', 'take-back': 'skipped', tell: 'completed' };
  expect(statusesOf(exists)).toMatchObject({ ...branches, 'next-version': 'completed' });
  expect(outputsOf(exists)['tell']).toMatchObject({ stdout: 'The registry answers: exists\n' });
  const busy = await eventsOf(name, '--input', 'answer=busy', '--input', 'notify=false');
  expect(statusesOf(busy)).toMatchObject({ ...branches, 'take-back': 'completed', tell: 'skipped' });
  const well = await eventsOf(name, '--input', 'answer=ok');
  expect(statusesOf(well)).toMatchObject({ ...branches, announce: 'completed' });
  expect(outputsOf(well)['tell']).toMatchObject({ stdout: 'all is well\n' });
});

it('map-reduce: counts in a copy for each text, and adds up (R-RO-14)', async () => {
  const outputs = outputsOf(await eventsOf('map-reduce'));
  expect(outputs['total']).toMatchObject({ the: 4, rain: 2, road: 2, roof: 2, long: 1 });
});

it('ci-matrix: tests each combination, and none that is excluded', async () => {
  const events = await eventsOf('ci-matrix');
  const { tasks } = foldEvents(events);
  const names = [...tasks.values()].map(({ definition: { name } }) => name);
  expect(names.filter((name) => name.startsWith('test'))).toEqual([
    'test',
    'test (linux, 20)',
    'test (linux, 22)',
    'test (mac, 22)',
    'test (windows, 24)',
  ]);
  const passed = ['linux-20', 'linux-22', 'mac-22', 'windows-24'].map((on) => `passed on ${on}\n`);
  expect(outputsOf(events)['report']).toEqual({ test: passed });
});

/** What attempts hold at most of anything at the same time, by what `held` says of the definition of each. */
function mostHeld(
  events: readonly RunEvent[],
  held: (definition: TaskView['definition'], locks: readonly string[]) => Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const { tasks } = foldEvents(events);
  const locks = new Map<string, readonly string[]>();
  const now = new Map<string, number>();
  const most: Record<string, number> = {};
  for (const event of events) {
    if (event.type === 'TaskDue' && event.data.locks !== undefined) locks.set(event.taskId, event.data.locks);
    const sign = event.type === 'TaskStarted' ? 1 : event.type === 'TaskCompleted' ? -1 : 0;
    const definition = sign === 0 ? undefined : tasks.get((event as { taskId: string }).taskId)?.definition;
    if (definition?.executor === undefined) continue;
    for (const [name, amount] of Object.entries(held(definition, locks.get(definition.id) ?? definition.locks ?? []))) {
      now.set(name, (now.get(name) ?? 0) + sign * amount);
      most[name] = Math.max(most[name] ?? 0, now.get(name) ?? 0);
    }
  }
  return most;
}

it('mutex-for-deployments: one deployment at a time, and one migration for each database', async () => {
  const events = await eventsOf('mutex-for-deployments');
  const most = mostHeld(events, (_definition, locks) => Object.fromEntries(locks.map((name) => [name, 1])));
  expect(most).toEqual({ deploy: 1, 'db-eu': 1 });
});

it('video-batch-with-quotas: never more than there is, and a demand above it is refused (R-LM-05)', async () => {
  const events = await eventsOf('video-batch-with-quotas');
  const most = mostHeld(events, ({ resources = {} }) => resources);
  expect(most['gpu']).toBe(1);
  expect(most['cpu']).toBeLessThanOrEqual(4);
  expect(most['memory']).toBeLessThanOrEqual(3.5);
  expect(events.at(-1)).toMatchObject({ type: 'RunCompleted' });
});

it('poll-until-ready: asks until the answer is right (R-RO-15)', async () => {
  const events = await eventsOf('poll-until-ready');
  expect(events.filter(({ type }) => type === 'TaskDelayed')).toHaveLength(2);
  expect(outputsOf(events)['use']).toMatchObject({ stdout: 'ready at 127.0.0.1:9999\n' });
});

it('fan-out-over-a-list: works on each line of a file', async () => {
  const { tasks } = foldEvents(await eventsOf('fan-out-over-a-list'));
  const cities = [...tasks.values()].filter(({ parent }) => parent?.definition.key === 'city');
  expect(cities.map(({ definition: { name }, output }) => [name, (output as { stdout: string }).stdout])).toEqual([
    ['Oslo', '4\n'],
    ['Lima', '4\n'],
    ['Dakar', '5\n'],
  ]);
});

/** Runs an example that waits; `answer` is called with the ids that `coppice waits` shows, until the run has ended. */
async function attended(name: string, respond: (waitingFor: string, at: CliOptions, data: string) => Promise<unknown>) {
  const data = await makeFolder();
  onTestFinished(data.remove);
  const at = { cwd: join(EXAMPLES, name) };
  const run = startCli(['run', `${name}.coppice.yaml`, '--json', '--data-dir', data.path], at);
  onTestFinished(() => void run.child.kill('SIGKILL'));
  const answered = new Set<string>();
  let isOver = false;
  void run.ended.then(() => (isOver = true));
  while (!isOver) {
    const { stdout } = await runCli(['waits', '--json', '--data-dir', data.path], at);
    const items = stdout === '' ? [] : (JSON.parse(stdout) as { items: { taskId: string; name: string }[] }).items;
    const next = items.find((wait) => !answered.has(wait.taskId));
    if (next === undefined) continue;
    answered.add(next.taskId);
    await respond(next.name, at, data.path);
  }
  const { code, stdout, stderr } = await run.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return outputsOf(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent),
  );
}

it('form-driven-report: a person fills the form in while the run waits (R-SN-01)', async () => {
  const outputs = await attended('form-driven-report', async (_, at, data) => {
    const answer = ['answer', 'latest/order', '--approve', '--comment', 'for Monday', '--data-dir', data];
    const wrong = await runCli([...answer, '--set', 'topic=weather'], at);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('must be one of "sales", "stock"') as string,
    });
    const { code, stdout } = await runCli([...answer, '--set', 'topic=sales', '--json'], at);
    expect({ code, answer: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 0,
      answer: { taskId: expect.anything() as string },
    });
  });
  expect(outputs['order']).toMatchObject({
    approved: true,
    values: { topic: 'sales', days: 7 },
    comment: 'for Monday',
  });
  expect(outputs['report']).toMatchObject({ stdout: 'sales of 7 days, for local\n' });
});

it('ci-matrix-with-approval: a person sees that all combinations passed, and what is deployed says what is new (R-SN-01)', async () => {
  const outputs = await attended('ci-matrix-with-approval', async (_, at, data) => {
    const { stdout } = await runCli(['waits', '--json', '--data-dir', data], at);
    expect(stdout).toContain('All 3 combinations passed.');
    const { code } = await runCli(['answer', '--approve', '--set', 'note=forms', '--data-dir', data], at);
    expect(code).toBe(0);
  });
  expect(outputs['test']).toBeNull();
  expect(outputs['deploy']).toMatchObject({ stdout: 'to eu: forms\n' });
  expect(outputs).not.toHaveProperty('keep');
});

it('reusable-deploy-used-three-times: one file, three groups, each with inputs and outputs of its own', async () => {
  const events = await eventsOf('reusable-deploy-used-three-times', '--input', 'replicas=5');
  const outputs = outputsOf(events);
  expect(outputs['us.scale']).toMatchObject({ stdout: '5 replicas\n' });
  expect(outputs['asia.scale']).toMatchObject({ stdout: '2 replicas\n' });
  expect(outputs['eu']).toEqual({ url: 'https://eu.example.com', checked: 'eu is well: 2 replicas\n\n' });
  const urls = ['eu', 'us', 'asia'].map((region) => `https://${region}.example.com`);
  expect(events.at(-1)?.data).toMatchObject({ result: { outputs: { urls } } });
  await eventsOf('reusable-deploy-used-three-times', 'eu.scale');
});

it('waits: a time, a signal and a person (R-SN-01)', async () => {
  const outputs = await attended('waits', async (name, at, data) => {
    const args =
      name === 'delivered'
        ? ['signal', 'latest', 'delivered', '--payload', '{parcel: 7}', '--id', 'once']
        : ['answer', '--approve'];
    const { code, stdout } = await runCli([...args, '--data-dir', data], at);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on.') as string });
  });
  expect(outputs).toMatchObject({ 'cool-down': null, delivered: { parcel: 7 }, 'sign-off': { approved: true } });
});

it('crawl-that-adds-tasks: each page adds the pages that it names (R-RO-16)', async () => {
  const outputs = outputsOf(await eventsOf('crawl-that-adds-tasks'));
  expect(outputs['report']).toEqual(['news', 'today', 'yesterday', 'about']);
});

it('planner: does what the plan says, in its order, and each step knows how many there are', async () => {
  const events = await eventsOf('planner');
  const steps = ['boil water', 'warm the pot', 'pour'].map((step) => [step, `${step}: done, one of 3`]);
  expect(outputsOf(events)['done']).toEqual({ plan: Object.fromEntries(steps) });
  expect(foldEvents(events).result).toEqual({ variables: { steps: 3 } });
});

it('etl-with-quality-gate: what both sources wrote decides whether anything is loaded (R-SC-06)', async () => {
  const name = 'etl-with-quality-gate';
  const stopped = await eventsOf(name);
  expect(statusesOf(stopped)).toMatchObject({ load: 'skipped', report: 'completed' });
  expect(outputsOf(stopped)['report']).toMatchObject({ stdout: '4 orders, 2 faults, cleaning\n' });
  const faults = ['order 2 has no amount', 'order 3 has no amount'];
  expect(foldEvents(stopped).result).toEqual({ variables: { seen: 4, faults, stage: 'cleaning' } });
  const loaded = await eventsOf(name, '--input', 'faultsMax=2');
  expect(outputsOf(loaded)['report']).toMatchObject({ stdout: '4 orders, 2 faults, loaded\n' });
});

it('press-time: the signal that an extension handles skips what is optional (R-SN-03)', async () => {
  const outputs = await attended('press-time', async (name, at, data) => {
    if (name === 'puzzle') await runCli(['signal', 'latest', 'press-time', '--data-dir', data], at);
  });
  expect(outputs['print']).toMatchObject({
    stdout: expect.stringContaining('Printed: The news of the week') as string,
  });
  expect(outputs).not.toHaveProperty('pictures');
});

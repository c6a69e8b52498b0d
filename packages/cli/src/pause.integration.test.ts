/** `coppice tasks pause` and `resume` on the example, with a process that is killed while its run is paused (R-CP-08 to R-CP-10). */
import { resolve } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli, type CliProcess, type CliResult } from './run-cli.fixture.ts';

const EXAMPLE = resolve(
  import.meta.dirname,
  '../../../examples/release-train-with-pause/release-train-with-pause.coppice.yaml',
);

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
});

async function startTrain(stationMs: number): Promise<CliProcess> {
  const cli = startCli(['run', EXAMPLE, '--input', `stationMs=${stationMs}`], { cwd });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
  });
  await cli.until('● europe-canary');
  return cli;
}

/** The door of the running process opens a moment after its run begins. */
async function atDoor(...args: readonly string[]): Promise<CliResult> {
  let result: CliResult | undefined;
  await expect
    .poll(
      async () => {
        result = await runCli(args, { cwd });
        return result.code;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
  return result as CliResult;
}

it('a train stops between two stations, outlives a SIGKILL there, and goes on when it is told to', async () => {
  const train = await startTrain(2_500);
  const pausing = await atDoor('tasks', 'pause', 'latest', '--reason', 'the error rate rises');
  expect(pausing.stdout).toMatch(/^‖ pausing · the run of \S+ is pausing$/m);
  await train.until(/‖ Release train is being paused · the error rate rises[^]*‖ Release train is paused/);
  train.child.kill('SIGKILL');
  await train.ended;

  const left = await runCli(['resume'], { cwd });
  expect({ code: left.code, stderr: left.stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /‖ Release train \(\S+\) stays paused\. End that with: coppice tasks resume /,
    ) as string,
  });
  expect((await runCli(['tasks', 'list', '--status', 'paused'], { cwd })).stdout).toContain('‖ paused');
  const why = await runCli(['tasks', 'explain', 'latest/arrived'], { cwd });
  expect(why.stdout).toMatch(/arrived waits: Release train is paused by local \(cli\) since .*the error rate rises/);

  const resumed = await runCli(['tasks', 'resume', 'latest', '--json'], { cwd });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'running', paused: null });
  const goesOn = await runCli(['resume'], { cwd });
  expect(goesOn).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
  const { items } = JSON.parse(
    (await runCli(['tasks', 'attempts', 'latest/europe-canary', '--json'], { cwd })).stdout,
  ) as {
    items: readonly { status: string }[];
  };
  expect(items.map(({ status }) => status)).toEqual(['completed']);
});

it('a hold keeps every train from leaving, and whoever watches one is told', async () => {
  const held = await runCli(['hold', '--executor', 'delay', '--reason', 'maintenance'], { cwd });
  expect(held).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^‖ executor delay · .*local.* · maintenance$/m) as string,
  });
  const train = startCli(['run', EXAMPLE, '--input', 'stationMs=1'], { cwd });
  onTestFinished(async () => {
    train.child.kill('SIGKILL');
    await train.ended;
  });
  await train.until(/Held: executor delay .*End that with: coppice release --executor delay/);
  await train.until('✓ build');
  const why = await atDoor('tasks', 'explain', 'latest/europe-canary');
  expect(why.stdout).toMatch(/europe-canary waits: local \(cli\) holds executor delay since/);
  const { items } = JSON.parse((await runCli(['holds', '--json'], { cwd })).stdout) as { items: readonly object[] };
  expect(items).toMatchObject([
    { target: { of: 'executor', name: 'delay' }, by: { userId: 'local', face: 'cli' }, reason: 'maintenance' },
  ]);
  expect((await runCli(['release', '--executor', 'delay'], { cwd })).stdout).toContain('Nothing is held.');
  expect(await train.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
  expect((await runCli(['holds', '--history'], { cwd })).stdout).toMatch(/^set .*maintenance\nreleased executor delay/);
});

it('a part of the train is kept back, and released at once', async () => {
  const train = await startTrain(60_000);
  const paused = await atDoor('tasks', 'pause', 'latest/europe', '--force');
  expect(paused.stdout).toMatch(/^‖ paused · the run of \S+ is running$/m);
  await train.until(/europe-canary .*interrupted, will run again/);
  const wrong = await runCli(['tasks', 'pause', 'latest', '--drain-timeout', 'soon'], { cwd });
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected a duration such as 30s') as string,
  });
  const refused = await runCli(['tasks', 'resume', 'latest/europe-canary'], { cwd });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is paused together with europe') as string,
  });
  expect((await runCli(['tasks', 'cancel', 'latest'], { cwd })).code).toBe(0);
  expect((await train.ended).code).toBe(130);
});

/** `coppice tasks complete` and `skip` on a run that another process executes, and on one that nobody executes (R-SN-02). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';

const RELEASE = `
version: 1
name: release
tasks:
  upload: { executor: delay, inputs: { ms: 600000 } }
  announce:
    dependencies: [upload]
    executor: command
    inputs: { command: echo, args: ['\${{ deps.upload.version }}'] }
  mirror: { executor: delay, inputs: { ms: 600000 } }
`;

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
  await writeFile(join(cwd, 'release.yaml'), RELEASE);
});

it('end tasks of a run that is watched, which goes on with what depends on them', async () => {
  const cli = startCli(['run', 'release.yaml'], { cwd });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
  });
  await cli.until('● mirror');
  const output = '{version: 2.1.0}';
  let completed = '';
  await expect
    .poll(
      async () => {
        const how = ['--output', output, '--reason', 'by mail'];
        const result = await runCli(['tasks', 'complete', 'latest/upload', ...how], { cwd });
        completed = result.stdout;
        return result.code;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
  expect(completed).toMatch(/^✓ completed by hand · the run of \S+ is running$/m);
  await cli.until(/✓ announce .*2\.1\.0/);
  const skipped = await runCli(['tasks', 'skip', 'latest/mirror', '--json'], { cwd });
  expect(JSON.parse(skipped.stdout)).toMatchObject({ tasks: 1 });
  const ended = await cli.ended;
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
  expect(ended.stdout).toMatch(/✓ upload .*by mail \(local, from the terminal\)/);
  expect((await runCli(['tasks', 'explain', 'latest/upload'], { cwd })).stdout).toContain(
    'upload has completed: by mail (local, cli)',
  );
  expect((await runCli(['tasks', 'explain', 'latest/mirror'], { cwd })).stdout).toContain(
    'mirror was skipped: Skipped by hand (local, cli)',
  );
});

it('refuse what is no output and what has not begun, with the next step', async () => {
  await runCli(['tasks', 'create', 'release.yaml'], { cwd });
  const bad = await runCli(['tasks', 'complete', 'latest/upload', '--output', '{'], { cwd });
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('--output:1:') as string });
  const early = await runCli(['tasks', 'skip', 'latest/upload'], { cwd });
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('its run has not started') as string });
});

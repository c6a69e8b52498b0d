/** Several commands in one folder at once: the process that executes lets the others in. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliProcess } from './run-cli.fixture.ts';

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
  await writeFile(join(cwd, 'coppice.config.json'), '{"env": ["WORD"]}');
  // Goes on until the file `go` is there.
  const wait = 'until [ -e go ]; do sleep 0.05; done; echo "$WORD"';
  for (const name of ['first', 'second']) {
    const inputs = `{ command: '${wait}', shell: true, inheritEnv: [WORD], cwd: '${cwd}' }`;
    await writeFile(
      join(cwd, `${name}.yaml`),
      `version: 1\nname: ${name}\ntasks:\n  wait-${name}: { executor: command, inputs: ${inputs} }\n`,
    );
  }
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
  const cli = startCli(args, { cwd, env });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
  });
  return cli;
}

/** A run whose process others may come into. */
async function startHost(): Promise<CliProcess> {
  const host = start(['run', 'first.yaml']);
  await host.until('● first');
  // The door opens while the run begins: a command that needs it says when it is open.
  await expect
    .poll(() => readFile(join(cwd, '.coppice', 'server.json'), 'utf8').catch(() => ''), { timeout: 20_000 })
    .toContain('socket');
  return host;
}

const go = (): Promise<void> => writeFile(join(cwd, 'go'), '');

describe('a second command in a folder', () => {
  it('hands its run to the process that executes there, which ends after it', async () => {
    const host = await startHost();
    const guest = start(['run', 'second.yaml']);
    await guest.until('● second started');
    expect(await host.until('● first')).not.toContain('second');
    await go();
    const [first, second] = await Promise.all([host.ended, guest.ended]);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
    expect(second.stderr).toContain(`Process ${host.child.pid} works in .coppice: it runs this too.`);
    expect(await readdir(join(cwd, '.coppice'))).not.toContain('server.json');
  });

  it('is served to the end by a process whose own run has ended', async () => {
    const host = await startHost();
    const guest = start(['run', 'second.yaml']);
    await guest.until('● second started');
    expect((await runCli(['tasks', 'cancel', 'first'], { cwd })).code).toBe(0);
    await host.until('⊘ cancelled');
    expect((await runCli(['tasks', 'list', '--status', 'running'], { cwd })).stdout).toContain('second');
    await go();
    expect((await guest.ended).code).toBe(0);
    const { code, stderr } = await host.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('A run of another command still goes on in this process');
  });

  it('is ended, with what it started, when that process is told to stop; the run goes on later', async () => {
    const host = await startHost();
    const guest = start(['run', 'second.yaml']);
    await guest.until('● second started');
    expect((await runCli(['tasks', 'cancel', 'first'], { cwd })).code).toBe(0);
    await host.until('A run of another command still goes on in this process');
    host.child.kill('SIGINT');
    expect((await host.ended).code).toBe(130);
    expect((await guest.ended).stderr).toContain('Go on with: coppice resume');
    // Nothing of the stopped attempt is left that could still see the file.
    await go();
    const resumed = await runCli(['resume'], { cwd });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ completed/) as string });
  });

  it('sees and changes what runs there: list, watch, cancel', async () => {
    const host = await startHost();
    expect((await runCli(['tasks', 'list'], { cwd })).stdout).toMatch(/first\s+● running/);
    const watching = start(['tasks', 'watch', 'latest']);
    await watching.until('● first');
    const cancelled = await runCli(['tasks', 'cancel', 'latest', '--reason', 'enough'], { cwd });
    expect(cancelled.stdout).toContain('⊘');
    expect((await watching.ended).code).toBe(130);
    expect((await host.ended).stdout).toContain('enough');
  });

  it('waits for the end of the other where it would find another environment, and says so', async () => {
    const host = await startHost();
    const other = start(['run', 'second.yaml'], { WORD: 'mine' });
    await other.until(/the environment variable WORD has another value there: waiting/);
    await go();
    expect((await host.ended).code).toBe(0);
    const { code, stdout } = await other.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/✓ second .*mine/) as string });
  });

  it('does not wait when a task started it: that would be for ever', async () => {
    const host = await startHost();
    const nested = start(['run', 'second.yaml'], { WORD: 'mine', COPPICE_TASK_ID: 'some-task' });
    await nested.until('● second started');
    await go();
    expect((await nested.ended).code).toBe(0);
    expect((await host.ended).code).toBe(0);
  });

  it('says what to do when that process is killed, and begins anew over what it left', async () => {
    const host = await startHost();
    const guest = start(['run', 'second.yaml']);
    await guest.until('● second started');
    host.child.kill('SIGKILL');
    const { code, stderr } = await guest.ended;
    expect(code).toBe(3);
    expect(stderr).toContain(`The process ${host.child.pid} that ran it has ended. Go on with: coppice resume`);
    await go();
    expect((await runCli(['run', 'second.yaml'], { cwd })).code).toBe(0);
    expect((await runCli(['resume'], { cwd })).code).toBe(0);
    const sockets = (await readdir(join(cwd, '.coppice'))).filter((name) => name.startsWith('socket-'));
    expect(sockets).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('finds a socket that only its owner can use', async () => {
    const host = await startHost();
    const { socket } = JSON.parse(await readFile(join(cwd, '.coppice', 'server.json'), 'utf8')) as { socket: string };
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect((await stat(join(socket, '..'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(cwd, '.coppice', 'server.json'))).mode & 0o777).toBe(0o600);
    host.child.kill('SIGINT');
    expect((await host.ended).code).toBe(130);
  });
});

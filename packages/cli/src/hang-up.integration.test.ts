/** A closed terminal or a lost connection stops the command as SIGTERM does. */
import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli, type CliProcess } from './run-cli.fixture.ts';

const SECONDS = `100.5${process.pid}`;
const WAITING = `
version: 1
name: Waiting
tasks:
  says: { executor: delay, inputs: { ms: 1 } }
  waits: { executor: command, inputs: { command: 'sleep ${SECONDS} & wait', shell: true } }
`;

async function start(...args: readonly string[]): Promise<{ readonly cwd: string; readonly cli: CliProcess }> {
  const { path: cwd, remove } = await makeFolder();
  await writeFile(join(cwd, 'tree.coppice.yaml'), WAITING);
  const cli = startCli(args, { cwd, stdin: null });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
    await remove();
  });
  return { cwd, cli };
}

describe('SIGHUP', () => {
  it('cancels a run in this process, with its commands; coming twice it does not insist', async () => {
    const { cwd, cli } = await start('run', 'tree.coppice.yaml');
    await cli.until('✓ says');
    cli.child.kill('SIGHUP');
    cli.child.kill('SIGHUP');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/⊘ cancelled in/);
    expect(execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`^[^Z].*sleep ${SECONDS}`, 'm'),
    );
    expect((await runCli(['tasks', 'list'], { cwd })).stdout).toMatch(/Waiting\s+⊘ cancelled/);
  });

  it('stops a server, which takes its address back', async () => {
    const { cwd, cli } = await start('serve', '--port', '0');
    await cli.until('token');
    cli.child.kill('SIGHUP');
    expect((await cli.ended).code).toBe(0);
    expect(await readdir(join(cwd, '.coppice'))).not.toContain('server.json');
  });

  it('stops a server on standard input and output', async () => {
    const { cli } = await start('serve', '--stdio');
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system.health', params: {} });
    cli.child.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    await cli.until('"ready":true');
    cli.child.kill('SIGHUP');
    expect((await cli.ended).code).toBe(0);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A process that runs a command for a long time and says which process that is. */
const host = (executorPath: string): string => `
  const { createCommandExecutor } = await import(${JSON.stringify(executorPath)});
  const ctx = {
    treeId: 'tree', taskId: 'task', attempt: 1, idempotencyKey: 'key', baseDir: process.cwd(), signal: new AbortController().signal,
    stream: (chunk) => process.stdout.write(chunk), progress() {}, heartbeat() {}, partialOutput() {}, record: async () => null,
  };
  process.on('SIGTERM', () => process.exit(1));
  await createCommandExecutor().execute({ command: 'echo runs as $$; exec sleep 1000', shell: true }, ctx);`;

/** Looks for the number alone, because the name of a process can not be read while it becomes another program. A zombie has ended. */
function isAlive(pid: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return /^\s*[^Z\s]/.test(stdout);
}

describe('command: the Coppice process exits', () => {
  it('ends the commands that still run', async () => {
    const executorPath = fileURLToPath(new URL('./command-executor.ts', import.meta.url));
    const args = ['--conditions=coppice-source', '--input-type=module', '-e', host(executorPath)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const pid = line.replace('runs as ', '');
    expect(pid).toMatch(/^\d+$/);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGTERM');
    expect(await exited).toEqual([1, null]);
    // A process that got SIGKILL may still be seen for a moment.
    while (isAlive(pid)) await nextTurn();
  });
});

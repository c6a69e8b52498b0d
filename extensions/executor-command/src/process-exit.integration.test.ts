import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** A process that runs a command for a long time and says when it has begun. */
const host = (executorPath: string): string => `
  const { createCommandExecutor } = await import(${JSON.stringify(executorPath)});
  const ctx = {
    treeId: 'tree', taskId: 'task', attempt: 1, idempotencyKey: 'key', baseDir: process.cwd(), signal: new AbortController().signal,
    logger: { debug: (line) => console.log(line) }, progress() {}, heartbeat() {}, partialOutput() {}, record: async () => null,
  };
  process.on('SIGTERM', () => process.exit(1));
  await createCommandExecutor().execute({ command: 'echo ready; exec sleep 100.75${process.pid}', shell: true }, ctx);`;

const listSleepers = (): readonly string[] =>
  execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter(
      (line) =>
        line.includes(`sleep 100.75${process.pid}`) && !line.startsWith('Z') && !line.includes('createCommandExecutor'),
    );

describe('command: the Coppice process exits', () => {
  it('ends the commands that still run', async () => {
    const executorPath = fileURLToPath(new URL('./command-executor.ts', import.meta.url));
    const args = ['--conditions=coppice-source', '--input-type=module', '-e', host(executorPath)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') break;
    expect(listSleepers()).toHaveLength(1);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await exited).toBe(1);
    // A process that got SIGKILL may still be seen for a moment.
    while (listSleepers().length > 0) await nextTurn();
  });
});

/** SIGKILL while commands run, and what comes after it: nothing runs twice at once, no limit is exceeded, nothing is left. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli, type CliProcess } from './run-cli.fixture.ts';

/** Sleeps so long that nobody waits for it; tells this test's processes from others. */
const MARK = `100.6${process.pid}`;

function sleepers(): readonly string[] {
  const isSleeper = new RegExp(String.raw`^\s*\d+ [^Z]\S*\s+(/bin/)?sleep ${MARK}$`);
  return execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => isSleeper.test(line));
}

interface KilledRun {
  readonly cwd: string;
  readonly treeId: string;
}

/** Runs the definition until `isReady`, and kills the process. */
async function killed(definition: string, isReady: (cwd: string) => Promise<boolean>): Promise<KilledRun> {
  const { path: cwd, remove } = await makeFolder();
  await writeFile(join(cwd, 'tree.coppice.yaml'), definition);
  const cli: CliProcess = startCli(['run', 'tree.coppice.yaml'], { cwd });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    for (const line of sleepers()) process.kill(Number(line.trim().split(/\s+/, 1)[0]), 'SIGKILL');
    await remove();
  });
  const treeId = /· (\S+)$/m.exec(await cli.until('started'))?.[1] ?? '';
  while (!(await isReady(cwd))) await nextTurn();
  cli.child.kill('SIGKILL');
  await cli.ended;
  return { cwd, treeId };
}

async function lines(cwd: string, file: string): Promise<readonly string[]> {
  const path = join(cwd, file);
  return existsSync(path)
    ? (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .filter((line) => line !== '')
    : [];
}

/** Each command notes how many others run when it begins; the first two of all go on until somebody ends them. */
const LIMITED = `
version: 1
name: Never more than two at once
policies: { concurrency: 2 }
tasks:
${['a', 'b', 'c', 'd'].map((name) => `  ${name}: { executor: command, inputs: { shell: true, command: 'ps -eo args | grep -c "^sleep ${MARK}" >> others.txt; echo ${name} >> starts.txt; test -e go || exec sleep ${MARK}' } }`).join('\n')}
`;

describe('after SIGKILL of a process whose commands run', () => {
  it('resume ends them before it begins again: no limit is exceeded, nothing is left (R-LM-11)', async () => {
    const { cwd } = await killed(LIMITED, async () => sleepers().length === 2);
    // They outlived it.
    expect(sleepers()).toHaveLength(2);
    await writeFile(join(cwd, 'go'), '');
    const { code } = await runCli(['resume'], { cwd });
    expect(code).toBe(0);
    expect(sleepers()).toEqual([]);
    expect((await lines(cwd, 'starts.txt')).length).toBe(6);
    expect((await lines(cwd, 'others.txt')).map(Number).slice(2)).toEqual([0, 0, 0, 0]);
  });

  it('resume finds one that has given itself another environment', async () => {
    const definition = `
version: 1
name: Elsewhere
tasks:
  a: { executor: command, inputs: { shell: true, command: 'echo a >> starts.txt; test -e go || exec env -i /bin/sleep ${MARK}' } }
`;
    const { cwd } = await killed(definition, async () => sleepers().some((line) => line.includes('/bin/sleep')));
    await writeFile(join(cwd, 'go'), '');
    expect((await runCli(['resume'], { cwd })).code).toBe(0);
    expect(sleepers()).toEqual([]);
    expect(await lines(cwd, 'starts.txt')).toEqual(['a', 'a']);
  });

  it('resume waits for one that asks for it', async () => {
    const definition = `
version: 1
name: Patient
tasks:
  a: { executor: command, inputs: { shell: true, onCrash: wait, command: 'echo begins >> said.txt; while ! test -e go; do sleep 0.05; done; sleep 0.3; echo ends >> said.txt' } }
`;
    const { cwd } = await killed(definition, async (dir) => (await lines(dir, 'said.txt')).length === 1);
    const resumed = startCli(['resume'], { cwd });
    // Only once the new process has seen it, it may end.
    while (!(await logged(cwd, 'it is waited for'))) await nextTurn();
    await writeFile(join(cwd, 'go'), '');
    expect((await resumed.ended).code).toBe(0);
    expect(await lines(cwd, 'said.txt')).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  it('cancelling the run ends them', async () => {
    const { cwd, treeId } = await killed(LIMITED, async () => sleepers().length === 2);
    expect((await runCli(['tasks', 'cancel', treeId], { cwd })).code).toBe(0);
    expect(sleepers()).toEqual([]);
  });
});

async function logged(cwd: string, text: string): Promise<boolean> {
  const path = join(cwd, '.coppice', 'coppice.log');
  return existsSync(path) && (await readFile(path, 'utf8')).includes(text);
}

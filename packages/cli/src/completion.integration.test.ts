/** Completion as shells ask for it. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

const FILE = 'tree.coppice.yaml';
const DEFINITION = `
version: 1
name: Quick
tasks:
  a: { executor: delay, inputs: { ms: 1 } }
  b: { executor: delay, dependencies: [a], inputs: { ms: 1 } }
`;

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
  await writeFile(join(cwd, FILE), DEFINITION);
});

const coppice = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd });

describe('completion', () => {
  it('knows trees, their tasks, definitions and what is in them', async () => {
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { stdout, stderr } = await coppice('complete', '--', ...words);
      expect(stderr).toBe('');
      return stdout
        .split('\n')
        .flatMap((line) => (line === '' || line.startsWith(':') ? [] : [line.split('\t')[0] ?? '']));
    };
    expect(await complete('tasks', 'get', '')).toEqual([]);
    expect(await complete('run', 'tr')).toEqual([FILE]);
    expect(await complete('run', FILE, '--dry-run', '')).toEqual(['a', 'b']);
    await coppice('run', FILE);
    expect(await complete('tasks', 'get', '')).toEqual(['latest', 'Quick', expect.stringMatching(/^[\da-f]{8}-/)]);
    expect(await complete('tasks', 'logs', 'latest/')).toEqual(['latest/a', 'latest/b']);
    expect(await complete('tasks', 'cancel', 'Quick/a', 'la')).toEqual(['latest']);
    expect(await complete('--data-dir', 'elsewhere', 'tasks', 'get', '')).toEqual([]);
    expect(await complete('tasks', 'get', 'nothing/')).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('works in a bash without the package bash-completion', async () => {
    const script = `
      coppice() { '${process.execPath}' --conditions=coppice-source '${join(import.meta.dirname, 'main.ts')}' "$@"; }
      unset -f _get_comp_words_by_ref
      compopt() { :; }
      source <(coppice completion bash)
      COMP_WORDS=(coppice run ${FILE} ''); COMP_CWORD=3; COMP_LINE='coppice run ${FILE} '; COMP_POINT=\${#COMP_LINE}
      __coppice_complete
      echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { cwd, encoding: 'utf8' });
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: 'a b', stderr: '' });
  });
});

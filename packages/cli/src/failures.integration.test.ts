/** What a person sees of failures that somebody deals with, and of those that nobody does. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

async function run(tasks: string): Promise<CliResult & { readonly again: (...args: string[]) => Promise<CliResult> }> {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'tree.coppice.yaml'), `version: 1\nname: Tree\ntasks:\n${tasks}`);
  const result = await runCli(['run', 'tree.coppice.yaml'], { cwd });
  return { ...result, again: (...args) => runCli(args, { cwd }) };
}

const BROKEN = `  test: { executor: command, inputs: { command: node, args: [-e, 'process.exit(1)'] } }
  publish: { executor: delay, dependencies: [test], inputs: { ms: 1 } }
`;

it('a failed build with a notice is a failed run', async () => {
  const { code, stdout } = await run(
    `${BROKEN}  notify: { executor: delay, dependencies: [{ task: test, on: [failure] }], inputs: { ms: 1 } }\n`,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ failed in .* 1 completed, 1 failed, 1 skipped/);
});

it('a failure that a task handles is told of in the end, and who did', async () => {
  const { code, stdout, again } = await run(
    `${BROKEN}  mend: { executor: delay, dependencies: [{ task: test, on: [failure], handles: true }], inputs: { ms: 1 } }\n`,
  );
  expect(code).toBe(0);
  expect(stdout).toContain('A failure did not fail the run: test (handled by mend)');
  const id = /· (\S+)\s*$/.exec(stdout)?.[1] ?? '';
  expect((await again('tasks', 'failures', id)).stdout).toMatch(/test\s+handled by mend/);
});

const MIRRORS = `  m1: { executor: command, allowFailure: true, inputs: { command: node, args: [-e, 'process.exit(1)'] } }
  m2: { executor: command, allowFailure: true, inputs: { command: node, args: [-e, 'process.exit(1)'] } }
`;

it('where one must succeed and none does, the run fails', async () => {
  const { code, stdout } = await run(
    `${MIRRORS}  use: { executor: delay, join: any, mustRun: true, dependencies: [m1, m2], inputs: { ms: 1 } }\n`,
  );
  expect(code).toBe(1);
  expect(stdout).toContain('✗ use: use must run.');
  expect(stdout).toContain('2 failures did not fail the run: m1 (allowed), m2 (allowed)');
});

it('where none need succeed, the run completes and says what was allowed', async () => {
  const { code, stdout } = await run(
    `${MIRRORS}  use: { executor: delay, join: any, dependencies: [m1, m2], inputs: { ms: 1 } }\n`,
  );
  expect(code).toBe(0);
  expect(stdout).toContain('2 failures did not fail the run: m1 (allowed), m2 (allowed)');
});

it('R-ER-02: the end of a run, tasks get and tasks failures tell what was done about a failure', async () => {
  const fails = "inputs: { command: node, args: [-e, 'process.exit(1)'] }";
  const { code, stdout, again } = await run(
    `  load:
    children:
      book: { executor: delay, inputs: { ms: 1 }, compensate: { executor: command, ${fails} } }
      fetch:
        executor: command
        dependencies: [book]
        ${fails}
        policies: { retry: { maxAttempts: 2, delay: 1ms } }
        fallback: { executor: command, ${fails} }
      clean: { executor: delay, finally: true, inputs: { ms: 1 } }
`,
  );
  expect(code).toBe(1);
  const account =
    '3 attempts: no attempt is left · its fallback failed · compensation of Tree partial: 1 of 1 did not complete';
  expect(stdout).toContain(account);
  expect(stdout).toContain('clean-up');
  const id = /· (\S+)\s*$/.exec(stdout)?.[1] ?? '';
  expect((await again('tasks', 'get', id)).stdout).toContain(account);
  expect((await again('tasks', 'failures', id)).stdout).toContain(account);
});

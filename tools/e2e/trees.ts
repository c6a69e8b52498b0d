/** Trees that look like work: with groups, dependencies, retries, a limit, a failure. */
import type { Params } from '@coppice/protocol';

type Submission = Extract<Params<'tasks.create'>, { readonly tasks: unknown }>;

/** A release: builds, tests that wait for a limit, a flaky step, a deployment that fails. About three seconds. */
export function releaseTree(name = 'release'): Submission {
  const delay = (id: string, parentId: string, { ms, after = [] }: { ms: number; after?: string[] }) => ({
    id,
    name: id.replaceAll('-', ' '),
    parentId,
    executor: 'delay',
    inputs: { ms },
    dependencies: after,
  });
  const tests = ['unit', 'api', 'browser', 'load', 'upgrade'].map((kind) => ({
    ...delay(`test-${kind}`, 'test', { ms: 250, after: ['compile'] }),
    tags: ['test'],
  }));
  return {
    policies: { concurrency: 3 },
    tasks: [
      { id: 'release', name },
      delay('fetch', 'release', { ms: 120 }),
      { id: 'build', parentId: 'release', dependencies: ['fetch'] },
      delay('compile', 'build', { ms: 400 }),
      delay('lint', 'build', { ms: 180 }),
      delay('bundle', 'build', { ms: 300, after: ['compile', 'lint'] }),
      { id: 'test', parentId: 'release' },
      ...tests,
      {
        id: 'flaky',
        name: 'flaky upload',
        parentId: 'release',
        executor: 'command',
        dependencies: ['bundle'],
        inputs: {
          command: 'sh',
          args: [
            '-c',
            'test $1 -gt 1 || { echo "connection reset" >&2; exit 1; }',
            'sh',
            '${{ string(task.attempt) }}',
          ],
        },
        policies: { retry: { maxAttempts: 3, delayMs: 200 } },
      },
      { id: 'deploy', parentId: 'release', dependencies: ['test', 'flaky'] },
      delay('deploy-us', 'deploy', { ms: 300 }),
      {
        id: 'deploy-eu',
        name: 'deploy eu',
        parentId: 'deploy',
        executor: 'command',
        inputs: { command: 'sh', args: ['-c', 'echo "no such region" >&2; exit 7'] },
        policies: { retry: { maxAttempts: 1 } },
      },
      delay('announce', 'release', { ms: 100, after: ['deploy'] }),
    ],
  };
}

/** Trees that look like work: with groups, dependencies, retries, a limit, a failure. */
import type { DependencySubmission, Params } from '@coppice/protocol';

type Submission = Extract<Params<'tasks.create'>, { readonly tasks: unknown }>;

interface DelayOptions {
  readonly ms: number;
  readonly after?: readonly (string | DependencySubmission)[];
}

/** A member of a group that does nothing for a time. */
export function delay(id: string, parentId: string, { ms, after = [] }: DelayOptions) {
  return {
    id,
    name: id.replaceAll('-', ' '),
    parentId,
    executor: 'delay',
    inputs: { ms },
    dependencies: [...after],
  };
}

/** A release: builds, tests that wait for a limit, a flaky step, a deployment that fails. About three seconds. */
export function releaseTree(name = 'release'): Submission {
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

/** A release of many services: for each a build, tests, an image and a deployment in two regions. 10 tasks for each, and 9 around them. */
export function fleetTree(services: number): Submission {
  const task = (id: string, parentId: string, after: readonly string[] = []) => ({
    id,
    name: id.split('.').at(-1)?.replaceAll('-', ' ') ?? id,
    parentId,
    executor: 'delay',
    inputs: { ms: 1 },
    dependencies: [...after],
  });
  const names = Array.from({ length: services }, (_, index) => `service-${index + 1}`);
  return {
    policies: { concurrency: 8 },
    tasks: [
      { id: 'fleet', name: 'fleet' },
      task('checkout', 'fleet'),
      task('install', 'fleet', ['checkout']),
      { id: 'services', parentId: 'fleet', dependencies: ['install'] },
      ...names.flatMap((name) => [
        { id: name, name: name.replaceAll('-', ' '), parentId: 'services' },
        task(`${name}.lint`, name),
        task(`${name}.compile`, name),
        { id: `${name}.tests`, name: 'tests', parentId: name, dependencies: [`${name}.compile`] },
        task(`${name}.unit`, `${name}.tests`),
        task(`${name}.contract`, `${name}.tests`),
        task(`${name}.load`, `${name}.tests`),
        task(`${name}.image`, name, [`${name}.compile`]),
        task(`${name}.deploy-eu`, name, [`${name}.tests`, `${name}.image`, `${name}.lint`]),
        task(`${name}.deploy-us`, name, [`${name}.deploy-eu`]),
      ]),
      { id: 'verify', parentId: 'fleet', dependencies: ['services'] },
      task('smoke', 'verify'),
      task('journeys', 'verify'),
      task('report', 'verify', ['smoke', 'journeys']),
      task('announce', 'fleet', ['verify']),
    ],
  };
}

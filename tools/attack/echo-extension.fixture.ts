/**
 * What the server under attack has beside its own executors: one that answers its inputs, so that most messages can be valid;
 * and one that harms the server, so that tests can show that the harm is seen.
 */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';

const echo: Executor = {
  type: 'echo',
  description: 'Answers its inputs.',
  effects: 'pure',
  execute: (input) => input,
};

const harm: Executor = {
  type: 'harm',
  description: 'Keeps the processor for `burnMs`, or ends the process with `exit`.',
  effects: 'external',
  execute: (input) => {
    if (typeof input['exit'] === 'number') process.exit(input['exit']);
    const until = performance.now() + Number(input['burnMs'] ?? 0);
    while (performance.now() < until);
    return null;
  },
};

export const manifest: ExtensionManifest = {
  name: 'attack-echo',
  version: '1.0.0',
  api: '^1.0.0',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toConstantValue(echo);
  bind<Executor>(Contribution.Executor).toConstantValue(harm);
});

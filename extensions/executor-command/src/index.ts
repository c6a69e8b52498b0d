/** @coppice/executor-command: Runs a program. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createCommandExecutor } from './command-executor.ts';

export * from './command-executor.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-command',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Runs a program.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createCommandExecutor).inSingletonScope();
});

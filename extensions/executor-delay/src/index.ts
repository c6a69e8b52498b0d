/** @coppice/executor-delay: Waits for a given time. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createDelayExecutor } from './delay-executor.ts';

export * from './delay-executor.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-delay',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Waits for a given time.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createDelayExecutor).inSingletonScope();
});

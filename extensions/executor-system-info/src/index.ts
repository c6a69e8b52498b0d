/** @coppice/executor-system-info: Tells facts about the machine and the process. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createSystemInfoExecutor } from './system-info-executor.ts';

export * from './system-info-executor.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-system-info',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Tells facts about the machine and the process.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createSystemInfoExecutor).inSingletonScope();
});

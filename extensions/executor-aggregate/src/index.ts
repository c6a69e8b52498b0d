/** @coppice/executor-aggregate: Makes one result of the outputs of the dependencies. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createAggregateExecutor } from './aggregate-executor.ts';

export * from './aggregate-executor.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-aggregate',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Makes one result of the outputs of the dependencies.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createAggregateExecutor).inSingletonScope();
});

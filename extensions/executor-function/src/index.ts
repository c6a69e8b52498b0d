/** @coppice/executor-function: Calls an exported function of a JavaScript or TypeScript module. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createFunctionExecutor } from './function-executor.ts';

export * from './function-executor.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-function',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Calls an exported function of a JavaScript or TypeScript module.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createFunctionExecutor).inSingletonScope();
});

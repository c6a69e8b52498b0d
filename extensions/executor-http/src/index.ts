/** @coppice/executor-http: Sends an HTTP request. */
import { Contribution, type Executor, type ExtensionManifest } from '@coppice/extension';
import { ContainerModule } from 'inversify';
import { createHttpExecutor } from './http-executor.ts';

export * from './http-executor.ts';
export type { AddressGuard } from './guarded-connector.ts';

export const manifest: ExtensionManifest = {
  name: '@coppice/executor-http',
  version: '0.1.0',
  api: '^1.0.0',
  description: 'Sends an HTTP request.',
  contributes: ['executor'],
};

export const module = new ContainerModule(({ bind }) => {
  bind<Executor>(Contribution.Executor).toResolvedValue(createHttpExecutor).inSingletonScope();
});

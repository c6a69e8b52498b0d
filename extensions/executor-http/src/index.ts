/** @coppice/executor-http: Sends an HTTP request. */
import { defineExtension } from '@coppice/extension';
import { createHttpExecutor } from './http-executor.ts';

export * from './http-executor.ts';
export type { AddressGuard } from './guarded-connector.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-http',
  version: '0.1.0',
  description: 'Sends an HTTP request.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createHttpExecutor],
});

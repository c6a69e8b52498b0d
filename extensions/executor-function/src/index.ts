/** @coppice/executor-function: Calls an exported function of a JavaScript or TypeScript module. */
import { defineExtension } from '@coppice/extension';
import { createFunctionExecutor } from './function-executor.ts';

export * from './function-executor.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-function',
  version: '0.1.0',
  description: 'Calls an exported function of a JavaScript or TypeScript module.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createFunctionExecutor],
});

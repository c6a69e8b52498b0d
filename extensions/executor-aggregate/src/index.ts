/** @coppice/executor-aggregate: Makes one result of the outputs of the dependencies. */
import { defineExtension } from '@coppice/extension';
import { createAggregateExecutor } from './aggregate-executor.ts';

export * from './aggregate-executor.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-aggregate',
  version: '0.1.0',
  description: 'Makes one result of the outputs of the dependencies.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createAggregateExecutor],
});

/** @coppice/executor-delay: Waits for a given time. */
import { defineExtension } from '@coppice/extension';
import { createDelayExecutor } from './delay-executor.ts';

export * from './delay-executor.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-delay',
  version: '0.1.0',
  description: 'Waits for a given time.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createDelayExecutor],
});

/** @coppice/executor-system-info: Tells facts about the machine and the process. */
import { defineExtension } from '@coppice/extension';
import { createSystemInfoExecutor } from './system-info-executor.ts';

export * from './system-info-executor.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-system-info',
  version: '0.1.0',
  description: 'Tells facts about the machine and the process.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createSystemInfoExecutor],
});

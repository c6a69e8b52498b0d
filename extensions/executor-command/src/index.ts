/** @coppice/executor-command: Runs a program. */
import { defineExtension } from '@coppice/extension';
import { createCommandExecutor } from './command-executor.ts';

export * from './command-executor.ts';

export const { manifest, module } = defineExtension({
  name: '@coppice/executor-command',
  version: '0.1.0',
  description: 'Runs a program.',
  // One for each engine: closing one engine must not close what another uses.
  executors: [createCommandExecutor],
});

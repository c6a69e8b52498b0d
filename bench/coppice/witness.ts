/** The executor of measurements in which tasks do nothing. */
import type { Executor } from '@coppice/core';

export const IDLE_WITNESS: Executor = {
  type: 'witness',
  description: 'Does nothing.',
  effects: 'pure',
  execute: () => Promise.resolve(1),
};

/** The smallest executor there is. */
import { defineExtension } from '@coppice/extension';

export const { manifest, module } = defineExtension({
  name: 'greet',
  version: '1.0.0',
  executors: [{ type: 'greet', description: 'Greets.', effects: 'pure', execute: ({ who }) => ({ hello: who }) }],
});

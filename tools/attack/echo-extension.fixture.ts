/**
 * What the server under attack has beside its own executors: one that answers its inputs, so that most messages can be valid;
 * and one that harms the server, so that tests can show that the harm is seen.
 */
import { defineExtension, type Executor } from '@coppice/extension';

const echo: Executor = {
  type: 'echo',
  description: 'Answers its inputs.',
  effects: 'pure',
  execute: (input) => input,
};

const harm: Executor = {
  type: 'harm',
  description: 'Keeps the processor for `burnMs`, or ends the process with `exit`.',
  effects: 'external',
  execute: (input) => {
    if (typeof input['exit'] === 'number') process.exit(input['exit']);
    const until = performance.now() + Number(input['burnMs'] ?? 0);
    while (performance.now() < until);
    return null;
  },
};

export const { manifest, module } = defineExtension({ name: 'attack-echo', version: '1.0.0', executors: [echo, harm] });

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

function usedUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

const harm: Executor = {
  type: 'harm',
  description: 'Keeps the processor for `burnMs`, or ends the process with `exit`.',
  effects: 'external',
  execute: (input) => {
    if (typeof input['exit'] === 'number') process.exit(input['exit']);
    // By the clock a busy machine would give it less of the processor than was asked for.
    const untilUs = usedUs() + Number(input['burnMs'] ?? 0) * 1_000;
    while (usedUs() < untilUs);
    return null;
  },
};

export const { manifest, module } = defineExtension({ name: 'attack-echo', version: '1.0.0', executors: [echo, harm] });

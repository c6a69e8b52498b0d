/** The executor `delay`: waits inside its attempt. It occupies a place of every gate while it waits; a crash starts the wait anew. */
import { setTimeout } from 'node:timers/promises';
import type { Executor } from '@coppice/extension';

interface DelayInput {
  readonly ms: number;
}

/** The longest timer that Node.js has, ms (about 24.8 days). */
const delayMsMax = 2_147_483_647;

export function createDelayExecutor(): Executor {
  return {
    type: 'delay',
    description: 'Waits for a given time.',
    effects: 'pure',
    onCrash: 'retry',
    input: {
      type: 'object',
      properties: {
        ms: { type: 'integer', minimum: 0, maximum: delayMsMax, description: 'How long to wait, ms.' },
      },
      required: ['ms'],
      additionalProperties: false,
    },
    output: {
      type: 'object',
      properties: { ms: { type: 'integer', description: 'The time asked for, ms.' } },
      required: ['ms'],
      additionalProperties: false,
    },
    example: { ms: 1000 },
    async execute(input, ctx) {
      const { ms } = input as unknown as DelayInput;
      await setTimeout(ms, undefined, { signal: ctx.signal as AbortSignal });
      return { ms };
    },
  };
}

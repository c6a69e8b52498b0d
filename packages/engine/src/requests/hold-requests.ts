/** Requests that hold the engine, or a part of what it executes, for maintenance. */
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { detachValue } from './detach-submission.ts';

export function createHoldRequests({ engineStream, store }: EngineParts): Pick<Engine, 'holds'> {
  return {
    holds: {
      async set(target, options) {
        const given = detachValue({ target, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'hold', ...given.value }) : given;
      },
      async release(target, options) {
        const given = detachValue({ target, ...options }, []);
        return given.ok ? engineStream.submit({ type: 'release', ...given.value }) : given;
      },
      list: () => engineStream.holds(),
      history: ({ afterSeq, limit }) => store.readEngineEvents(afterSeq, limit),
    },
  };
}

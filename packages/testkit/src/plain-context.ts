/** What a decision needs to know and no test cares about: no secrets, no back-offs, no environment, no time limit. */
import { NO_SCHEMAS, NO_SECRETS, type DecideContext } from '@coppice/core';

/** `nowMs`: epoch ms. */
export function plainContext({ nowMs, expressions }: Pick<DecideContext, 'nowMs' | 'expressions'>): DecideContext {
  return {
    nowMs,
    expressions,
    backoffs: new Map(),
    env: {},
    secrets: NO_SECRETS,
    schemas: NO_SCHEMAS,
    defaultTimeoutMs: 0,
  };
}

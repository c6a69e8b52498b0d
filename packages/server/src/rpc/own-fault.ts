/** Faults of the server itself. */
import { randomUUID } from 'node:crypto';
import type { Logger } from '@coppice/engine';
import type { RpcFailure, RpcId } from '@coppice/protocol';
import { refuse } from './answer.ts';
import { toFailure } from './request-gate.ts';

interface Fault {
  readonly error: unknown;
  readonly method?: string;
  readonly logger: Logger;
}

/** Our fault: the caller gets an id to name, the log gets the error. */
export function ownFault(id: RpcId, { error, method, logger }: Fault): RpcFailure {
  const logId = randomUUID();
  logger.error({ logId, method, err: error }, 'a request failed by a fault of the server');
  return toFailure(
    id,
    refuse('rpc/internal', 'Internal error; the server log has more under data.logId.', { data: { logId } }).rejection,
  );
}

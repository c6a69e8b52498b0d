/** What the HTTP routes share: their options, the lasting connections, and refusals. */
import type { Engine, Logger } from '@coppice/engine';
import type { FastifyReply } from 'fastify';
import type { Authenticate } from '../access/authenticate.ts';
import type { HostGuardOptions } from '../access/host-guard.ts';
import type { WaitLinks } from '../links/wait-links.ts';
import type { Refusal } from '../rpc/answer.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';

export interface TransportLimits {
  readonly bodyBytes: number;
  readonly connections: number;
  readonly subscriptionsPerConnection: number;
  readonly sendBufferBytes: number;
  readonly slowReaderMs: number;
}

export interface HttpOptions {
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
  readonly links: WaitLinks;
  /** Epoch ms. */
  readonly nowMs: () => number;
  readonly authenticate: Authenticate;
  readonly guard: HostGuardOptions;
  readonly limits: TransportLimits;
  readonly logger: Logger;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

/** What the transports share: the options and the number of lasting connections. */
export interface Wire extends HttpOptions {
  openConnections: number;
  /** Ends the lasting connections when the server stops. */
  readonly closers: Set<() => void>;
}

/** An HTTP refusal whose body is a JSON-RPC error. */
export function refuseHttp(reply: FastifyReply, ...[status, refusal, wire]: [number, Refusal, Wire]): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(wire.dispatcher.refusal(refusal));
}

/**
 * JSON-RPC over a WebSocket: requests one way, answers and notifications the other.
 *
 * Close codes: 1001 the server stops; 1008 bad credentials; 1009 message too large; 1013 too many connections;
 * 4008 the reader is too slow: connect again and subscribe after the last `seq` seen.
 */
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from '@fastify/websocket';
import { bearerToken, subprotocolToken } from '../access/authenticate.ts';
import type { Caller } from '../rpc/caller.ts';
import { Subscriptions } from '../rpc/subscriptions.ts';
import { createSender } from './back-pressure.ts';
import type { Wire } from './shared-wire.ts';

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
export const SLOW_READER = 4008;
/** How long a closing handshake may take before the socket is cut, ms. */
const CLOSE_GRACE_MS = 1000;

/** How often a silent peer is asked whether it is still there, ms; one that missed the last question is cut. */
const PING_MS = 30_000;

/** Serves one socket until it closes. */
export function serveWebSocket(socket: WebSocket, request: FastifyRequest, wire: Wire): void {
  const { dispatcher, engine, limits, logger } = wire;
  const { authorization, 'sec-websocket-protocol': offered } = request.headers;
  const principal = wire.authenticate(bearerToken(authorization) ?? subprotocolToken(offered));
  if (principal === undefined) return socket.close(POLICY_VIOLATION, 'a token of this server is needed');
  if (wire.openConnections >= limits.connections) return socket.close(TRY_AGAIN_LATER, 'too many connections');
  wire.openConnections += 1;

  const sender = createSender(
    {
      waitingBytes: () => socket.bufferedAmount,
      write: (text, taken) => socket.send(text, taken),
      giveUp: () => closeOrCut(socket, SLOW_READER, 'slow reader'),
    },
    limits,
  );
  const subscriptions = new Subscriptions({
    engine,
    max: limits.subscriptionsPerConnection,
    send: (text) => sender.send(text),
  });
  const caller: Caller = { principal, subscriptions };
  const stop = (): void => closeOrCut(socket, GOING_AWAY, 'the server stops');

  socket.on('message', (data: Buffer) => {
    void answerMessage(data.toString()).catch((error: unknown) => logger.error({ err: error }, 'answer was not sent'));
  });
  const stopPinging = keepAsking(socket);
  socket.on('close', () => {
    stopPinging();
    wire.openConnections -= 1;
    wire.closers.delete(stop);
    subscriptions.closeAll();
    sender.close();
  });
  wire.closers.add(stop);

  async function answerMessage(text: string): Promise<void> {
    const reply = await dispatcher.receive(text, caller);
    if (reply.text !== undefined) {
      const pause = sender.send(reply.text);
      if (pause !== undefined) {
        // Who does not read answers may not ask on.
        socket.pause();
        void pause.then(() => socket.resume());
      }
    }
    reply.sent();
  }
}

function closeOrCut(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
}

/** Notices peers that vanished without closing. Answers the function that stops the asking. */
function keepAsking(socket: WebSocket): () => void {
  let isThere = true;
  socket.on('pong', () => (isThere = true));
  const timer = setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    socket.ping();
  }, PING_MS);
  timer.unref();
  return () => clearInterval(timer);
}

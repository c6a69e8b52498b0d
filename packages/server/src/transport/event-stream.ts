/**
 * Server-sent events of one tree, for plain browsers: first the stored events after `afterSeq` (default 0: all), then live ones.
 * The `id` of each is its `seq`, so that `Last-Event-ID` resumes. When the run has ended and all is sent, the stream ends
 * with the event `end`; asking again then answers 204, at which browsers stop reconnecting. A stream that the server can not go on
 * with ends with `tasks.subscriptionEnded` and the reason instead: browsers connect again by themselves, and go on after what they have.
 */
import { isRunTerminal } from '@coppice/core';
import type { RunEvent, TreeId, TreeRecord } from '@coppice/core';
import type { SubscriptionEnd } from '@coppice/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { refuse } from '../rpc/answer.ts';
import { findOwnTree } from '../rpc/ownership.ts';
import { eventText, progressText } from '../wire/shared-text.ts';
import { createSender } from './back-pressure.ts';
import { refuseHttp } from './shared-wire.ts';
import type { Wire } from './shared-wire.ts';

const querySchema = z.strictObject({ treeId: z.string().min(1), afterSeq: z.coerce.number().int().min(0).optional() });
/** Comments that keep proxies from closing an idle stream, ms. */
const KEEP_ALIVE_MS = 15_000;
/** How long a browser waits before it connects again, ms. */
const RECONNECT_MS = 1000;

export async function streamEvents(request: FastifyRequest, reply: FastifyReply, wire: Wire): Promise<FastifyReply> {
  const query = querySchema.safeParse(request.query);
  const lastEventId = z.coerce.number().int().min(0).safeParse(request.headers['last-event-id']);
  if (!query.success) {
    const refusal = refuse('rpc/invalid-params', 'Ask for /events?treeId=ID&afterSeq=NUMBER.');
    return refuseHttp(reply, 400, refusal.rejection, wire);
  }
  const { principal } = request;
  const { treeId } = query.data;
  const tree =
    principal === undefined
      ? refuse('auth/unauthorized', 'A token of this server is needed.')
      : await findOwnTree(wire.engine, principal, treeId);
  if (!tree.ok) return refuseHttp(reply, 404, tree.rejection, wire);
  if (wire.openConnections >= wire.limits.connections) {
    const refusal = refuse('limit/refused', 'Too many connections are open.', { data: { retryAfterMs: RECONNECT_MS } });
    return refuseHttp(reply, 503, refusal.rejection, wire);
  }
  const afterSeq = lastEventId.success ? lastEventId.data : (query.data.afterSeq ?? 0);
  if (isOver(tree.value, afterSeq)) return reply.code(204).send();
  stream(reply, wire, { treeId: tree.value.treeId, afterSeq });
  return reply;
}

function isOver(tree: TreeRecord, afterSeq: number): boolean {
  return isRunTerminal(tree.status) && afterSeq >= tree.seq;
}

function stream(reply: FastifyReply, wire: Wire, from: { readonly treeId: TreeId; readonly afterSeq: number }): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const sender = createSender(
    {
      waitingBytes: () => raw.writableLength,
      write: (text, taken) => raw.write(text, taken),
      giveUp: () => raw.destroy(),
    },
    wire.limits,
  );
  let lastSeq = from.afterSeq;
  const end = (reason: SubscriptionEnd): void => void raw.end(endFrame({ reason, treeId: from.treeId, lastSeq }));
  const close = (): void => end('shutdown');
  const unsubscribe = wire.engine.subscribe(from, {
    event: (treeId, event) => {
      const frame = eventFrame(treeId, event);
      lastSeq = event.seq;
      return sender.send(frame);
    },
    progress: (progress) => sender.send(`event: tasks.progress\ndata: ${progressText(progress)}\n\n`),
    end,
  });
  const keepAlive = setInterval(() => void sender.send(': keep-alive\n\n'), KEEP_ALIVE_MS);
  keepAlive.unref();
  void sender.send(`retry: ${RECONNECT_MS}\n\n`);
  wire.openConnections += 1;
  wire.closers.add(close);
  raw.on('close', () => {
    wire.openConnections -= 1;
    wire.closers.delete(close);
    clearInterval(keepAlive);
    unsubscribe();
    sender.close();
  });
}

interface Ended {
  readonly reason: SubscriptionEnd;
  readonly treeId: TreeId;
  readonly lastSeq: number;
}

function endFrame(ended: Ended): string {
  if (ended.reason === 'runEnded' || ended.reason === 'deleted') return 'event: end\ndata: {}\n\n';
  return `event: tasks.subscriptionEnded\ndata: ${JSON.stringify(ended)}\n\n`;
}

function eventFrame(treeId: TreeId, event: RunEvent): string {
  return `id: ${event.seq}\nevent: tasks.event\ndata: ${eventText(treeId, event)}\n\n`;
}

/**
 * Server-sent events of all trees that one may see (of `userId`, if given), or of one tree, for plain browsers.
 *
 * All trees: live events; the `id` of each is its time, so that `Last-Event-ID` resumes with what was missed (some of it twice).
 * One tree: first the stored events after `afterSeq` (default 0: all), then live ones.
 * The `id` of each is its `seq`, so that `Last-Event-ID` resumes. When the run has ended and all is sent, the stream ends
 * with the event `end`; asking again then answers 204, at which browsers stop reconnecting. A stream that the server can not go on
 * with ends with `tasks.subscriptionEnded` and the reason instead: browsers connect again by themselves, and go on after what they have.
 */
import { isRunTerminal } from '@coppice/core';
import type { RunEvent, TreeId, TreeRecord } from '@coppice/core';
import type { SubscribeOptions, SubscriptionEnd } from '@coppice/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { refuse } from '../rpc/answer.ts';
import { findOwnTree, listedUser } from '../rpc/ownership.ts';
import { alertToWire } from '../wire/gate-to-wire.ts';
import { holdToWire } from '../wire/observation-to-wire.ts';
import { eventText, progressText } from '../wire/shared-text.ts';
import { createSender } from './back-pressure.ts';
import { missedEvents } from './missed-events.ts';
import { refuseHttp } from './shared-wire.ts';
import type { Wire } from './shared-wire.ts';

const querySchema = z.union([
  z.strictObject({ treeId: z.string().min(1), afterSeq: z.coerce.number().int().min(0).optional() }),
  z.strictObject({ userId: z.string().min(1).optional() }),
]);
/** Comments that keep proxies from closing an idle stream, ms. */
const KEEP_ALIVE_MS = 15_000;
/** How long a browser waits before it connects again, ms. */
const RECONNECT_MS = 1000;

export async function streamEvents(request: FastifyRequest, reply: FastifyReply, wire: Wire): Promise<FastifyReply> {
  const query = querySchema.safeParse(request.query);
  const lastEventId = z.coerce.number().int().min(0).safeParse(request.headers['last-event-id']);
  if (!query.success) {
    const refusal = refuse(
      'rpc/invalid-params',
      'Ask for /events?treeId=ID&afterSeq=NUMBER, or for /events?userId=ID.',
    );
    return refuseHttp(reply, 400, refusal.rejection, wire);
  }
  const { principal } = request;
  if (wire.openConnections >= wire.limits.connections) {
    const refusal = refuse('limit/refused', 'Too many connections are open.', { data: { retryAfterMs: RECONNECT_MS } });
    return refuseHttp(reply, 503, refusal.rejection, wire);
  }
  if (principal === undefined) {
    return refuseHttp(reply, 401, refuse('auth/unauthorized', 'A token of this server is needed.').rejection, wire);
  }
  if (!('treeId' in query.data)) {
    const user = listedUser(principal, query.data.userId);
    if (!user.ok) return refuseHttp(reply, 403, user.rejection, wire);
    stream(reply, wire, allTrees(wire, { userId: user.value, sinceMs: lastEventId.data }));
    return reply;
  }
  const tree = await findOwnTree(wire.engine, principal, query.data.treeId);
  if (!tree.ok) return refuseHttp(reply, 404, tree.rejection, wire);
  const afterSeq = lastEventId.success ? lastEventId.data : (query.data.afterSeq ?? 0);
  if (isOver(tree.value, afterSeq)) return reply.code(204).send();
  stream(reply, wire, { options: { treeId: tree.value.treeId, afterSeq }, idOf: ({ seq }) => seq, missed: undefined });
  return reply;
}

/** What is streamed. */
interface Feed {
  readonly options: SubscribeOptions;
  /** The cursor after an event. */
  readonly idOf: (event: RunEvent) => number;
  /** What comes first, while live events wait; undefined: the subscription itself begins with it, or nothing was missed. */
  readonly missed: AsyncIterable<{ readonly treeId: TreeId; readonly event: RunEvent }> | undefined;
}

function allTrees(wire: Wire, { userId, sinceMs }: { userId: string | undefined; sinceMs: number | undefined }): Feed {
  const missed = sinceMs === undefined ? undefined : missedEvents(wire.engine, { userId, sinceMs });
  return { options: userId === undefined ? {} : { userId }, idOf: ({ atMs }) => atMs, missed };
}

function isOver(tree: TreeRecord, afterSeq: number): boolean {
  return isRunTerminal(tree.status) && afterSeq >= tree.seq;
}

function stream(reply: FastifyReply, wire: Wire, { options, idOf, missed }: Feed): void {
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
  let lastSeq = options.afterSeq ?? 0;
  const end = (reason: SubscriptionEnd): void => {
    if (!raw.writableEnded) raw.end(endFrame({ reason, treeId: options.treeId ?? null, lastSeq }));
  };
  const close = (): void => end('shutdown');
  const send = (treeId: TreeId, event: RunEvent, id = `id: ${idOf(event)}\n`): Promise<void> | undefined => {
    const frame = `${id}event: tasks.event\ndata: ${eventText(treeId, event)}\n\n`;
    if (options.treeId !== undefined) lastSeq = event.seq;
    return sender.send(frame);
  };
  /** What was read from the logs comes once more, live; by tree. */
  const known = new Map<TreeId, number>();
  const catchUp = async (events: NonNullable<Feed['missed']>): Promise<void> => {
    for await (const { treeId, event } of events) {
      if (raw.destroyed) return;
      known.set(treeId, event.seq);
      // Tree by tree, times go forth and back: the cursor stays where it was until all is sent.
      await send(treeId, event, '');
    }
  };
  let caughtUp = missed === undefined ? undefined : catchUp(missed).then(() => void (caughtUp = undefined));
  /** Once what was missed has been sent; a failure to read it ends the subscription. */
  const inTurn = (deliver: () => unknown): unknown => (caughtUp === undefined ? deliver() : caughtUp.then(deliver));
  const unsubscribe = wire.engine.subscribe(options, {
    event: (treeId, event) => inTurn(() => (event.seq <= (known.get(treeId) ?? 0) ? undefined : send(treeId, event))),
    progress: (progress) => inTurn(() => sender.send(`event: tasks.progress\ndata: ${progressText(progress)}\n\n`)),
    deleted: (treeId) =>
      options.treeId === undefined &&
      inTurn(() => sender.send(`event: tasks.deleted\ndata: ${JSON.stringify({ treeId })}\n\n`)),
    holds: (holds) =>
      inTurn(() => sender.send(`event: holds.changed\ndata: ${JSON.stringify({ items: holds.map(holdToWire) })}\n\n`)),
    gateAlert: (alert) =>
      inTurn(() => sender.send(`event: limits.alert\ndata: ${JSON.stringify({ alert: alertToWire(alert) })}\n\n`)),
    end,
  });
  caughtUp?.catch((error: unknown) => {
    wire.logger.warn({ err: error }, 'what a stream of events has missed can not be read');
    end('failed');
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

interface StreamEnd {
  readonly reason: SubscriptionEnd;
  /** null: all trees. */
  readonly treeId: TreeId | null;
  readonly lastSeq: number;
}

function endFrame(ended: StreamEnd): string {
  if (ended.reason === 'runEnded' || ended.reason === 'deleted') return 'event: end\ndata: {}\n\n';
  return `event: tasks.subscriptionEnded\ndata: ${JSON.stringify(ended)}\n\n`;
}

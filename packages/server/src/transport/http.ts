/**
 * The HTTP server: `POST /rpc`, WebSocket `/rpc`, server-sent events at `GET /events`, links to waits at `/answer`, the web page at `/`.
 *
 * 1. Host and Origin are checked before anything else, then the token, then the body.
 * 2. Every answer to `POST /rpc` is JSON-RPC, refusals of HTTP (413, 415, …) included. 204: no answer is due.
 */
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken, SUBPROTOCOL } from '../access/authenticate.ts';
import { hostProblem } from '../access/host-guard.ts';
import type { HostGuardOptions } from '../access/host-guard.ts';
import { serveLinks } from '../links/serve-links.ts';
import { refuse } from '../rpc/answer.ts';
import type { Refusal } from '../rpc/answer.ts';
import type { Principal } from '../rpc/caller.ts';
import type { Reply } from '../rpc/dispatcher.ts';
import { streamEvents } from './event-stream.ts';
import { refuseHttp } from './shared-wire.ts';
import type { HttpOptions, Wire } from './shared-wire.ts';
import { serveWebPage } from './web-page.ts';
import { serveWebSocket } from './web-socket.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before the body is read. */
    principal: Principal | undefined;
  }
}

/** Raw sockets per lasting connection that are accepted, for clients that keep idle ones. */
const SOCKETS_PER_CONNECTION = 4;

/** How long answers may take when the server closes, ms. */
const CLOSE_GRACE_MS = 2000;
/** How long a request may take to arrive, ms; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Builds the server; nothing listens yet. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { limits } = options;
  const wire: Wire = { ...options, openConnections: 0, closers: new Set() };
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
  });
  app.server.maxConnections = limits.connections * SOCKETS_PER_CONNECTION;
  // The dispatcher parses: only it may say what is wrong with a body.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  await app.register(websocket, {
    options: {
      maxPayload: limits.bodyBytes,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    },
    preClose: (done) => {
      for (const close of wire.closers) close();
      done();
    },
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { host, origin } = request.headers;
    const problem = hostProblem({ host, origin }, wire.guard);
    if (problem !== undefined) {
      refuseHttp(reply, 403, refuse('auth/unauthorized', problem).rejection, wire);
      return;
    }
    allowOrigin(reply, origin, wire.guard);
    done();
  });
  app.decorateRequest('principal', undefined);
  app.setErrorHandler((error: FastifyError, _request, reply) => refuseHttp(reply, ...httpRefusal(error, wire), wire));
  app.setNotFoundHandler((_request, reply) =>
    refuseHttp(reply, 404, refuse('rpc/invalid-request', 'Requests go to POST /rpc.').rejection, wire),
  );
  await serveLinks(app, wire);
  addRoutes(app, wire);
  return app;
}

function addRoutes(app: FastifyInstance, wire: Wire): void {
  app.post(
    '/rpc',
    { onRequest: (request, reply, done) => authorise(request, reply, { wire, done }) },
    (request, reply) => answerPost(request, reply, wire),
  );
  app.get('/rpc', { websocket: true }, (socket, request) => serveWebSocket(socket, request, wire));
  app.get(
    '/events',
    { onRequest: (request, reply, done) => authorise(request, reply, { wire, done }) },
    (request, reply) => streamEvents(request, reply, wire),
  );
  serveWebPage(app, wire);
  // Preflights of allowed origins; the headers are set for every request.
  app.options('/*', (_request, reply) => reply.code(204).send());
}

/** A promise only where the answer has to be waited for. */
function answerPost(request: FastifyRequest, reply: FastifyReply, wire: Wire): Promise<FastifyReply> | undefined {
  const { principal } = request;
  if (principal === undefined) {
    refuseUnauthorised(reply, wire);
    return undefined;
  }
  const answer = wire.dispatcher.receive(typeof request.body === 'string' ? request.body : '', { principal });
  if (answer instanceof Promise) return answer.then((later) => sendAnswer(reply, later));
  sendAnswer(reply, answer);
  return undefined;
}

function sendAnswer(reply: FastifyReply, { text, sent }: Reply): FastifyReply {
  sent();
  if (text === undefined) return reply.code(204).send();
  return reply.type('application/json; charset=utf-8').send(text);
}

interface Authorisation {
  readonly wire: Wire;
  readonly done: () => void;
}

/** Refuses before the body is read. */
function authorise(request: FastifyRequest, reply: FastifyReply, { wire, done }: Authorisation): void {
  request.principal = wire.authenticate(bearerToken(request.headers.authorization));
  if (request.principal === undefined) refuseUnauthorised(reply, wire);
  else done();
}

function refuseUnauthorised(reply: FastifyReply, wire: Wire): FastifyReply {
  const refusal = refuse(
    'auth/unauthorized',
    'Send the header "Authorization: Bearer TOKEN" with a token of this server.',
  );
  return refuseHttp(reply.header('www-authenticate', 'Bearer'), 401, refusal.rejection, wire);
}

function allowOrigin(reply: FastifyReply, origin: string | undefined, guard: HostGuardOptions): void {
  if (origin === undefined || !guard.allowedOrigins.includes(origin)) return;
  void reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', 'authorization, content-type, last-event-id')
    .header('vary', 'origin');
}

/** What Fastify refuses by itself, in our words. */
function httpRefusal(error: FastifyError, { limits, logger }: Wire): [number, Refusal] {
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const message = `The body is larger than ${limits.bodyBytes} bytes.`;
    return [413, refuse('limit/refused', message, { data: { limit: limits.bodyBytes } }).rejection];
  }
  if (status === 415) {
    return [415, refuse('rpc/invalid-request', 'The content type must be application/json.').rejection];
  }
  if (status < 500) return [status, refuse('rpc/invalid-request', 'This is no acceptable HTTP request.').rejection];
  logger.error({ err: error }, 'an HTTP request failed by a fault of the server');
  return [500, refuse('rpc/internal', 'Internal error; see the server log.').rejection];
}

/** Lets requests that are being answered end, and cuts what is still open after a while. */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

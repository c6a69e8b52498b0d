/**
 * `GET` and `POST /answer/TOKEN`: the form of exactly one wait, and its answer. The token in the address is all that is needed, and all that it is
 * good for. Looking at the page answers nothing, so that programs which follow links in mails do no harm.
 */
import type { TaskId } from '@coppice/core';
import type { OpenWait } from '@coppice/engine';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Wire } from '../transport/shared-wire.ts';
import { readAnswer } from './answer-form.ts';
import { formPage, messagePage, PAGE_HEADERS } from './answer-page.ts';
import { RateLimit } from './rate-limit.ts';
import { answererOf, type WaitLink } from './wait-links.ts';

/** Bytes of a filled-in form. */
const BODY_BYTES_MAX = 131_072;
const PER_CALLER = 60;
const IN_ALL = 600;

/** What is said where nothing can be answered: status, title and text. */
type Notice = readonly [status: number, title: string, text: string];

const INVALID: Notice = [
  404,
  'This link is not valid',
  'It may have been cut off, or it is of another server. Ask whoever sent it for a new one.',
];
const EXPIRED: Notice = [410, 'This link has expired', 'Ask whoever sent it for a new one.'];
const OVER: Notice = [
  410,
  'Nobody waits for this answer any more',
  'It was answered already, or the run has gone on without it.',
];
const TOO_MANY: Notice = [429, 'Too many requests', 'Try again in a minute.'];

export async function serveLinks(app: FastifyInstance, wire: Wire): Promise<void> {
  const rate = new RateLimit({ perCaller: PER_CALLER, inAll: IN_ALL, nowMs: wire.nowMs });
  await app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    scope.addHook('onRequest', (request, reply, done) => {
      if (rate.allows(request.ip)) done();
      else void say(reply.header('retry-after', '60'), TOO_MANY);
    });
    scope.setErrorHandler((error: FastifyError, _request, reply) => say(reply, noticeOf(error, wire)));
    scope.get('/answer/*', async (request, reply) => {
      const found = await findWait(request, wire);
      return 'wait' in found ? show(reply, 200, formPage(found)) : say(reply, found);
    });
    scope.post('/answer/*', async (request, reply) => answer(request, reply, wire));
    await Promise.resolve();
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, wire: Wire): Promise<FastifyReply> {
  const found = await findWait(request, wire);
  if (!('wait' in found)) return say(reply, found);
  const { wait, link } = found;
  const body = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const given = readAnswer(wait, body);
  if (typeof given === 'string') return show(reply, 422, formPage({ wait, given: body, problems: [given] }));
  // Whoever made the link may answer, and has handed that on.
  const actor = { userId: answererOf(link), face: 'page' } as const;
  const answered = await wire.engine.answer(wait.taskId, { ...given, actor, isAdmin: true });
  if (answered.ok) return say(reply, doneNotice(given.approved));
  const { code, message, errors = [] } = answered.rejection;
  if (code === 'task/invalid-transition') return say(reply, OVER);
  const problems = errors.length === 0 ? [message] : errors.map(({ path, reason }) => `${path.join('.')} ${reason}`);
  return show(reply, 422, formPage({ wait, given: body, problems }));
}

interface Found {
  readonly wait: OpenWait;
  readonly link: WaitLink;
}

/** The wait that the link is for, or why there is none to answer. */
async function findWait(request: FastifyRequest, { links, engine }: Wire): Promise<Found | Notice> {
  const link = await links.read((request.params as { readonly '*': string })['*']);
  if (link === 'invalid') return INVALID;
  if (link === 'expired') return EXPIRED;
  const wait = await engine.findWait(link.taskId as TaskId);
  return wait?.sinceMs === link.sinceMs ? { wait, link } : OVER;
}

function doneNotice(approved: boolean | undefined): Notice {
  const title = approved === undefined ? 'Sent' : approved ? 'Approved' : 'Rejected';
  return [200, title, 'Thank you. You can close this page.'];
}

function noticeOf(error: FastifyError, { logger }: Wire): Notice {
  const status = error.statusCode ?? 500;
  if (status === 413) return [413, 'That is too much', `A filled-in form may have ${BODY_BYTES_MAX} bytes.`];
  if (status < 500) return [status, 'This can not be read', 'Send the form of the page.'];
  logger.error({ err: error }, 'a page of a link failed by a fault of the server');
  return [500, 'Something went wrong', 'See the log of the server.'];
}

function say(reply: FastifyReply, [status, title, text]: Notice): FastifyReply {
  return show(reply, status, messagePage(title, text));
}

function show(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(html);
}

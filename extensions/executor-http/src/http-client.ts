/** Sends requests over connections that it keeps. */
import type { ExecutorContext, JsonObject } from '@coppice/extension';
import type { Dispatcher } from 'undici';
import { createAgents } from './agents.ts';
import { buildRequest, redactUrl, type HttpRequest } from './build-request.ts';
import type { AddressGuard } from './guarded-connector.ts';
import { isExpected, toRequestError, toStatusError, type Answer } from './http-failure.ts';
import { maxRedirectsDefault, maxResponseBytesDefault, type HttpInput } from './http-input.ts';
import { parseBody, readBody, unpack } from './read-response.ts';

export interface HttpClient {
  /** Sends one request and answers the output of the task. Throws a RetryableError, a TerminalError or the reason of an abort. */
  send(http: HttpInput, ctx: ExecutorContext): Promise<JsonObject>;
  /** Ends all connections. */
  close(): Promise<void>;
}

export function createHttpClient(guard: AddressGuard): HttpClient {
  const agents = createAgents(guard);
  return {
    async send(http, ctx) {
      const request = await buildRequest(http, ctx);
      return agents.with(http, (dispatcher) => send(dispatcher, { http, request, ctx }));
    },
    close: () => agents.close(),
  };
}

interface Call {
  readonly http: HttpInput;
  readonly request: HttpRequest;
  readonly ctx: ExecutorContext;
}

/** What the redirecting dispatcher takes from a request, beside what it sends. */
interface RedirectingRequest extends Dispatcher.RequestOptions {
  /** 0: redirects are answered, not followed. */
  readonly maxRedirections: number;
  readonly stripHeadersOnCrossOriginRedirect: string[];
}

async function send(dispatcher: Dispatcher, { http, request, ctx }: Call): Promise<JsonObject> {
  const name = `${request.method} ${redactUrl(request.url)}`;
  ctx.signal.throwIfAborted();
  try {
    const options: RedirectingRequest = {
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: request.headers,
      body: request.body,
      signal: ctx.signal as AbortSignal,
      maxRedirections: http.redirect === 'manual' ? 0 : (http.maxRedirects ?? maxRedirectsDefault),
      stripHeadersOnCrossOriginRedirect: [...request.secretHeaders],
    };
    const response = await dispatcher.request(options);
    const answer = await toAnswer(response, http);
    ctx.logger.debug(`${name} answered status ${answer.status}`);
    if (!isExpected(answer.status, http.expectStatus ?? ['2xx', '3xx'])) throw toStatusError(answer, name, ctx.nowMs());
    const history = (response.context as { readonly history?: readonly URL[] } | undefined)?.history ?? [];
    return { ...answer, url: redactUrl(history.at(-1) ?? request.url) };
  } catch (thrown) {
    ctx.signal.throwIfAborted();
    throw toRequestError(thrown, name);
  }
}

async function toAnswer(response: Dispatcher.ResponseData, http: HttpInput): Promise<Answer> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = value;
  const unpacked = unpack(response.body, String(headers['content-encoding'] ?? ''));
  const bytes = await readBody(unpacked, http.maxResponseBytes ?? maxResponseBytesDefault);
  const contentType = String(headers['content-type'] ?? '');
  const isSuccess = isExpected(response.statusCode, http.expectStatus ?? ['2xx', '3xx']);
  // An error page need not have the form of a success; whatever it is shall reach the reader of the failure.
  const parse = isSuccess ? (http.parse ?? 'auto') : 'text';
  return { status: response.statusCode, headers, body: parseBody(bytes, contentType, parse) };
}

/** JSON-RPC over HTTP: one `POST /rpc` per message. No notifications, so `follow` asks for new events at intervals. */
import { ATTEMPTS_MAX, backOffMs, sleep } from './back-off.ts';
import type { BackOffOptions } from './back-off.ts';
import { ConnectionError } from './client-error.ts';
import type { ConnectionState, Receiver, Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** Address of the server, e.g. `http://127.0.0.1:4747`; `/rpc` is added unless it is there. */
  readonly url: string;
  /** Bearer token. */
  readonly token?: string | undefined;
  /** How `follow` goes on after failures. */
  readonly reconnect?: BackOffOptions;
}

export function httpTransport(options: HttpTransportOptions): Transport {
  return new HttpTransport(options);
}

/** The RPC address of a server; `protocols` are those of the URL, e.g. `{ 'http:': 'ws:' }`. */
export function rpcUrl(url: string, protocols: Readonly<Record<string, string>> = {}): URL {
  if (!URL.canParse(url)) throw new TypeError(`"${url}" is no address. Write for example http://127.0.0.1:4747.`);
  const target = new URL(url);
  target.protocol = protocols[target.protocol] ?? target.protocol;
  if (!target.pathname.endsWith('/rpc')) target.pathname = `${target.pathname.replace(/\/$/, '')}/rpc`;
  return target;
}

class HttpTransport implements Transport {
  state: ConnectionState = 'offline';
  readonly problem = undefined;
  readonly pushes = false;
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  readonly #reconnect: BackOffOptions;
  readonly #closing = new AbortController();
  #receiver: Receiver | undefined;
  #failures = 0;

  constructor(options: HttpTransportOptions) {
    this.#url = rpcUrl(options.url, { 'ws:': 'http:', 'wss:': 'https:' });
    this.#headers = { 'content-type': 'application/json', accept: 'application/json' };
    if (options.token !== undefined) this.#headers['authorization'] = `Bearer ${options.token}`;
    this.#reconnect = options.reconnect ?? {};
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#change('live');
  }

  async send(message: unknown, signal: AbortSignal): Promise<void> {
    const response = await this.#post(message, signal);
    const answer = await readAnswer(response, this.#url);
    this.#failures = 0;
    if (answer !== undefined) this.#receiver?.message(withId(answer, message));
  }

  async recover(_error: ConnectionError, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    if (this.state !== 'live') throw new ConnectionError('connection/closed', 'The client is closed.');
    if (this.#failures >= (this.#reconnect.attemptsMax ?? ATTEMPTS_MAX)) {
      throw new ConnectionError(
        'connection/failed',
        `${this.#url.origin} did not answer ${this.#failures} times in a row.`,
      );
    }
    await sleep(backOffMs(this.#failures, this.#reconnect), AbortSignal.any([signal, this.#closing.signal]));
  }

  close(): Promise<void> {
    this.#closing.abort(new ConnectionError('connection/closed', 'The client is closed.'));
    this.#change('offline');
    return Promise.resolve();
  }

  async #post(message: unknown, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(message),
        signal: AbortSignal.any([signal, this.#closing.signal]),
      });
    } catch (error) {
      if (this.#closing.signal.aborted) throw this.#closing.signal.reason as Error;
      if (signal.aborted) throw signal.reason as Error;
      throw new ConnectionError('connection/failed', `Can not reach ${this.#url.origin}: ${causeText(error)}`, {
        cause: error,
      });
    }
  }

  #change(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.#receiver?.stateChanged(state);
  }
}

/** The parsed answer; undefined where none is due. An answer of JSON-RPC counts whatever the status of HTTP. */
async function readAnswer(response: Response, url: URL): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw new ConnectionError('connection/lost', `The answer of ${url.origin} broke off: ${causeText(error)}`, {
      cause: error,
    });
  });
  if (text === '' && response.ok) return undefined;
  const answer = parseJson(text);
  if (isObject(answer) && (answer['jsonrpc'] === '2.0' || Array.isArray(answer))) return answer;
  const status = `HTTP ${response.status} ${response.statusText}`.trim();
  throw new ConnectionError(
    'connection/failed',
    `${url.href} answered ${status} and no JSON-RPC. Is it a Coppice server?`,
  );
}

/** An answer to a request that the server could not identify belongs to the only request that was sent. */
function withId(answer: unknown, message: unknown): unknown {
  if (!isObject(answer) || answer['id'] !== null || !isObject(message)) return answer;
  return { ...answer, id: message['id'] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function causeText(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = isObject(cause) && typeof cause['code'] === 'string' ? cause['code'] : undefined;
  return code === 'ECONNREFUSED'
    ? 'connection refused'
    : (((cause instanceof Error && cause.message) || code) ?? String(cause));
}

/** A real WebSocket and HTTP server that keeps event logs and speaks just enough of the protocol to test clients against faults. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

interface LoggedEvent {
  readonly treeId: string;
  readonly seq: number;
  readonly type: string;
}

/** What a method answers to leave its request without an answer. */
export const NO_ANSWER = Symbol('no answer');

/** What a method answers to be asked again soon. */
export const BUSY = Symbol('busy');

/** Answers a request with its result. */
type Method = (params: Record<string, unknown>) => unknown;

export class EventServer {
  readonly requests: Request[] = [];
  /** Subprotocols and `authorization` that clients came with. */
  readonly credentials: string[] = [];
  readonly methods: Record<string, Method> = {};
  /** Connections that are open, and on which nothing comes or goes any more. */
  readonly #silent = new WeakSet<WebSocket>();
  readonly #logs = new Map<string, LoggedEvent[]>();
  readonly #subscribers = new Map<WebSocket, Set<string>>();
  readonly #http = createServer((request, response) => {
    this.credentials.push(request.headers.authorization ?? '');
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const answer = this.#answer(JSON.parse(body) as Request);
      response.setHeader('content-type', 'application/json');
      if (answer !== undefined) response.end(JSON.stringify(answer));
    });
  });
  readonly #sockets = new WebSocketServer({ server: this.#http, path: '/rpc' });

  constructor() {
    this.#sockets.on('connection', (socket, request) => {
      this.credentials.push(request.headers['sec-websocket-protocol'] ?? '');
      this.#subscribers.set(socket, new Set());
      socket.on('close', () => this.#subscribers.delete(socket));
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString('utf8')) as Request;
        if (this.#silent.has(socket)) return;
        const answer = this.#answer(message, socket);
        if (answer !== undefined) socket.send(JSON.stringify(answer));
        if (message.method === 'tasks.subscribe') this.#replay(socket, message.params);
      });
    });
    this.methods['tasks.events'] = ({ treeId, afterSeq, limit }) => {
      const log = this.#log(treeId as string);
      const items = log.filter((event) => event.seq > (afterSeq as number)).slice(0, limit as number);
      return { items, lastSeq: log.length };
    };
    this.methods['tasks.subscribe'] = ({ treeId }) => ({ subscriptionId: `about ${treeId as string}` });
    this.methods['tasks.unsubscribe'] = () => ({ ended: true });
  }

  /** Starts on a free port, or on a given one; answers the address. */
  async listen(port = 0): Promise<string> {
    this.#http.listen(port, '127.0.0.1');
    await once(this.#http, 'listening');
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.#subscribers.size;
  }

  /** Appends an event and tells the subscribers. */
  append(treeId: string, type: string): void {
    const log = this.#log(treeId);
    const event = { treeId, seq: log.length + 1, type };
    log.push(event);
    for (const [socket, trees] of this.#subscribers) if (trees.has(treeId)) this.#notify(socket, event);
  }

  /** Sends an event that may be out of order or a repetition, as a faulty network would. */
  sendAgain(treeId: string, seq: number): void {
    const event = this.#log(treeId)[seq - 1];
    for (const socket of this.#subscribers.keys()) if (event !== undefined) this.#notify(socket, event);
  }

  /** Breaks all connections without a closing handshake. */
  drop(): void {
    for (const socket of this.#subscribers.keys()) socket.terminate();
    this.#http.closeAllConnections();
  }

  /** Lets the connections die in silence, as a sleeping laptop or a lost cable does. */
  silence(): void {
    for (const socket of this.#subscribers.keys()) this.#silent.add(socket);
  }

  /** Tells all clients that they may not come back. */
  dismiss(): void {
    for (const socket of this.#subscribers.keys()) socket.close(1008, 'unknown token');
  }

  async close(): Promise<void> {
    this.drop();
    this.#sockets.close();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #log(treeId: string): LoggedEvent[] {
    let log = this.#logs.get(treeId);
    if (log === undefined) this.#logs.set(treeId, (log = []));
    return log;
  }

  #answer(request: Request, socket?: WebSocket): unknown {
    this.requests.push(request);
    const method = this.methods[request.method];
    const frame = { jsonrpc: '2.0', id: request.id ?? null };
    if (method === undefined) {
      return { ...frame, error: { code: -32601, message: 'No such method.', data: { code: 'rpc/unknown-method' } } };
    }
    if (request.method === 'tasks.subscribe' && socket !== undefined) {
      this.#subscribers.get(socket)?.add(request.params['treeId'] as string);
    }
    const result = method(request.params);
    if (result === BUSY) {
      const data = { code: 'limit/refused', retryAfterMs: 1 };
      return { ...frame, error: { code: -32013, message: 'Try again.', data } };
    }
    return result === NO_ANSWER ? undefined : { ...frame, result };
  }

  #replay(socket: WebSocket, params: Record<string, unknown>): void {
    for (const event of this.#log(params['treeId'] as string)) {
      if (event.seq > (params['afterSeq'] as number)) this.#notify(socket, event);
    }
  }

  #notify(socket: WebSocket, event: LoggedEvent): void {
    const params = { subscriptionId: `about ${event.treeId}`, event };
    if (!this.#silent.has(socket)) socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'tasks.event', params }));
  }
}

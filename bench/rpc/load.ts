/**
 * Load on an RPC server: connections that each send a request when the one before is answered.
 *
 * Over plain sockets with prepared bytes, because a client library costs more than the server that is measured, and would
 * hide its differences.
 */
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ServerAddress } from './server-process.ts';

const CONNECTIONS = 50;
/** A method that asks nothing of the store. */
const METHOD = 'tasks.running.count';

/** `single`: one request per message; `batch`: ten. */
export type LoadKind = 'single' | 'batch' | 'web-socket';

export const BATCH_SIZE = 10;

/** Sends one message; called again by whoever carries it when it is answered. */
type Send = () => void;

/** Opens one connection and calls `answered` per answer; answers how to send, and how to close. */
type Open = (answered: () => void) => Promise<{ readonly send: Send; readonly close: () => void }>;

export interface LoadOptions {
  /** After a warm-up of a third of it. */
  readonly measuredMs: number;
  /** Awaited at both ends of the measured interval. */
  readonly began: () => Promise<void>;
  readonly ended: () => Promise<void>;
}

/** Times of all answers within the measured interval, ms, and its length. */
export async function load(
  server: ServerAddress,
  kind: LoadKind,
  { measuredMs, began, ended }: LoadOptions,
): Promise<{ readonly latenciesMs: number[]; readonly elapsedMs: number }> {
  const open: Open = kind === 'web-socket' ? overWebSocket(server) : overHttp(server, kind === 'batch');
  const latenciesMs: number[] = [];
  let isMeasured = false;
  let isOver = false;
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      let sentMs = 0;
      const connection = await open(() => {
        if (isMeasured) latenciesMs.push(performance.now() - sentMs);
        if (!isOver) send();
      });
      const send = (): void => {
        sentMs = performance.now();
        connection.send();
      };
      return { ...connection, send };
    }),
  );
  for (const { send } of connections) send();
  await pause(measuredMs / 3);
  await began();
  isMeasured = true;
  const startedMs = performance.now();
  await pause(measuredMs);
  isMeasured = false;
  const elapsedMs = performance.now() - startedMs;
  await ended();
  isOver = true;
  for (const { close } of connections) close();
  return { latenciesMs, elapsedMs };
}

function requestText(id: number): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${METHOD}","params":{}}`;
}

function overHttp({ port, token }: ServerAddress, isBatch: boolean): Open {
  const body = isBatch
    ? `[${Array.from({ length: BATCH_SIZE }, (_, index) => requestText(index + 1)).join(',')}]`
    : requestText(1);
  const head = [
    'POST /rpc HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    ...(token === '' ? [] : [`Authorization: Bearer ${token}`]),
    `Content-Length: ${body.length}`,
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  return async (answered) => {
    const socket = await connected(connect({ host: '127.0.0.1', port, noDelay: true }));
    let waiting = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      waiting += text;
      const length = answerLength(waiting);
      if (length === undefined || waiting.length < length) return;
      waiting = '';
      answered();
    });
    return { send: () => void socket.write(bytes), close: () => void socket.destroy() };
  };
}

/** Length of the answer that the text begins with; undefined while its head is incomplete. */
function answerLength(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`The server refused: ${text}`);
  const length = /content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`An answer without a length: ${text}`);
  return headEnd + 4 + Number(length);
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => socket.once('connect', () => resolve(socket)).once('error', reject));
}

function overWebSocket({ port, token }: ServerAddress): Open {
  const text = requestText(1);
  return async (answered) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('message', (data: Buffer) => {
      if (!data.includes('"result"')) throw new Error(`The server refused: ${data.toString()}`);
      answered();
    });
    return { send: () => socket.send(text), close: () => socket.terminate() };
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

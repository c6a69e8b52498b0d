/** Connections that are no requests: slow, half closed, floods, pipelines, headers without end. */
import { connect, type Socket } from 'node:net';
import { type Attack, forEach, happens, requestText, type Wave } from '../wave.ts';

const BODY = requestText('system.health', {});
const PIPELINED = 50;

export const rawSockets: Wave = {
  name: 'raw sockets',
  share: 0.04,
  async run(attack) {
    const kinds = [neverEnds, halfCloses, lies, floods, pipelines, speaksNothing, resets];
    const slow: Socket[] = [];
    const turns = Array.from({ length: attack.count }, (_, at) => kinds[at % kinds.length] as Kind);
    await forEach(turns, async (kind) => {
      attack.tally.requests += 1;
      await kind(attack, slow);
    });
    for (const socket of slow) socket.destroy();
  },
};

type Kind = (attack: Attack, slow: Socket[]) => Promise<void>;

function open({ victim }: Attack): Socket {
  const socket = connect(victim.port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

function head({ victim }: Attack, more = ''): string {
  return `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${victim.tokens.mallory}\r\n${more}`;
}

/** A request that has begun and does not go on; it stays open until the end of the wave. */
async function neverEnds(attack: Attack, slow: Socket[]): Promise<void> {
  const socket = open(attack);
  slow.push(socket);
  socket.write(head(attack, 'Content-Length: 1000\r\n\r\n{"jsonrpc"'));
  await Promise.race([happens(socket, 'connect'), happens(socket, 'close')]);
}

/** Half a body, and the end of what it will send. */
async function halfCloses(attack: Attack): Promise<void> {
  const socket = open(attack);
  const closed = happens(socket, 'close');
  socket.end(head(attack, 'Content-Length: 1000\r\n\r\n{"jsonrpc"'));
  socket.resume();
  await closed;
}

/** Lengths that are not those of the body. */
async function lies(attack: Attack): Promise<void> {
  for (const length of ['-1', 'many', '0x10', '99999999999999999999', '5, 6']) {
    const socket = open(attack);
    const closed = happens(socket, 'close');
    socket.end(head(attack, `Content-Length: ${length}\r\n\r\n${BODY}`));
    socket.resume();
    await closed;
  }
}

/** A header without end. */
async function floods(attack: Attack): Promise<void> {
  const socket = open(attack);
  const closed = happens(socket, 'close');
  socket.resume();
  socket.write(head(attack));
  for (let at = 0; at < 100 && socket.writable; at += 1) socket.write(`X-${at}: ${'x'.repeat(1000)}\r\n`);
  socket.end('\r\n');
  await closed;
}

/** Many requests in one write. */
async function pipelines(attack: Attack): Promise<void> {
  const socket = open(attack);
  const closed = happens(socket, 'close');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  const one = `${head(attack, `Content-Length: ${BODY.length}\r\n`)}\r\n${BODY}`;
  const last = `${head(attack, `Content-Length: ${BODY.length}\r\nConnection: close\r\n`)}\r\n${BODY}`;
  socket.write(one.repeat(PIPELINED - 1) + last);
  await closed;
  const count = answers.split('HTTP/1.1 200').length - 1;
  if (count !== PIPELINED) attack.tally.complain(`${PIPELINED} requests in one write had ${count} answers`);
}

/** Bytes of no protocol. */
async function speaksNothing(attack: Attack): Promise<void> {
  const socket = open(attack);
  const closed = happens(socket, 'close');
  socket.resume();
  socket.end(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00, 0x00, 0x0a, 0x0a]));
  await closed;
}

/** A reset in the middle of an answer. */
async function resets(attack: Attack): Promise<void> {
  const socket = open(attack);
  const discover = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc.discover' });
  socket.write(`${head(attack, `Content-Length: ${discover.length}\r\n`)}\r\n${discover}`);
  await Promise.race([happens(socket, 'data'), happens(socket, 'close')]);
  socket.resetAndDestroy();
}

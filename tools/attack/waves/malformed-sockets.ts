/** Messages that were valid once, over WebSockets; frames that are binary, too large, or no frames; sockets that read nothing. */
import { connect } from 'node:net';
import { mutatedMessages } from '@coppice/testkit/hostile';
import { WebSocket } from 'ws';
import { type Attack, forEach, happens, sample, VALID_MESSAGES, type Wave } from '../wave.ts';

const SOCKETS = 8;
const TOO_LARGE = 17 * 1024 * 1024;
const DEAF_MESSAGES = 300;

export const malformedSockets: Wave = {
  name: 'malformed sockets',
  share: 0.16,
  async run(attack) {
    const texts = sample(mutatedMessages(VALID_MESSAGES), { ...attack, seed: attack.seed + 1 });
    const part = Math.ceil(texts.length / SOCKETS);
    const parts = Array.from({ length: SOCKETS }, (_, at) => texts.slice(at * part, (at + 1) * part));
    await forEach(parts, (some) => sendAll(attack, some));
    await sendTooLarge(attack);
    await sendNoFrames(attack);
    await readNothing(attack);
  },
};

interface OpenSocket {
  readonly socket: WebSocket;
  /** Resolves with the code. */
  readonly closed: Promise<number>;
}

async function open({ victim }: Attack): Promise<OpenSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${victim.port}/rpc`, {
    headers: { authorization: `Bearer ${victim.tokens.mallory}` },
  });
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
  await happens(socket, 'open');
  return { socket, closed };
}

/** One after the other: after each a request whose answer says that the message was dealt with. */
async function sendAll(attack: Attack, texts: readonly string[]): Promise<void> {
  const { tally } = attack;
  let { socket, closed } = await open(attack);
  for (const [index, text] of texts.entries()) {
    if (socket.readyState !== WebSocket.OPEN) {
      tally.count('closed');
      ({ socket, closed } = await open(attack));
    }
    tally.requests += 1;
    socket.send(index % 10 === 0 ? Buffer.from(text) : text);
    const marker = `after-${index}`;
    const answered = new Promise<void>((resolve) => {
      const listen = (data: Buffer): void => {
        const answer = data.toString();
        if (answer.includes(`"id":"${marker}"`)) {
          socket.off('message', listen);
          resolve();
        } else if (!answer.includes('"method":"tasks.')) tally.answer(answer, text);
      };
      socket.on('message', listen);
    });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: marker, method: 'tasks.running.count' }));
    await Promise.race([answered, closed]);
  }
  socket.terminate();
}

async function sendTooLarge(attack: Attack): Promise<void> {
  const { socket, closed } = await open(attack);
  attack.tally.requests += 1;
  socket.send('x'.repeat(TOO_LARGE));
  const code = await closed;
  attack.tally.count('closed');
  if (code !== 1009 && code !== 1006) attack.tally.complain(`A frame of ${TOO_LARGE} bytes closed with ${code}`);
}

/** What follows the handshake is noise: the server closes, or waits for the rest of a frame. */
async function sendNoFrames({ victim, tally }: Attack): Promise<void> {
  for (const noise of [
    Buffer.alloc(64, 0xff),
    Buffer.from([0x81, 0x01, 0x61]),
    Buffer.from([0x83, 0x80, 0, 0, 0, 0]),
  ]) {
    tally.requests += 1;
    const socket = connect(victim.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${victim.tokens.mallory}\r\n\r\n`,
    );
    await happens(socket, 'data');
    const closed = happens(socket, 'close');
    socket.end(noise);
    await closed;
    tally.count('closed');
  }
}

/** Asks for much and takes nothing, until the server has paused it. */
async function readNothing(attack: Attack): Promise<void> {
  const { socket } = await open(attack);
  socket.pause();
  for (let at = 0; at < DEAF_MESSAGES; at += 1) {
    attack.tally.requests += 1;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: at, method: 'rpc.discover' }));
  }
  await new Promise<void>((sent) => socket.send('{}', () => sent()));
  socket.terminate();
}

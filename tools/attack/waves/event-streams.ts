/** `GET /events` with parameters of all kinds, streams that are cut, streams that nobody reads, more streams than there may be. */
import { connect, type Socket } from 'node:net';
import { hostileTexts } from '@coppice/testkit/hostile';
import * as fc from 'fast-check';
import { type Attack, forEach, happens, sample, type Wave } from '../wave.ts';

const STREAMS = 300;
const LISTED = 200;

export const eventStreams: Wave = {
  name: 'event streams',
  share: 0.04,
  async run(attack) {
    const ids = fc.oneof(hostileTexts(), fc.constantFrom('known', 'pending', ...attack.foreignIds));
    const numbers = fc.oneof(hostileTexts(), fc.constantFrom('0', '-1', '1e3', '99999999999999999999', 'NaN'));
    await forEach(sample(fc.tuple(ids, numbers), attack), ([treeId, afterSeq]) => ask(attack, treeId, afterSeq));
    await openMany(attack);
  },
};

async function ask({ victim, tally, foreignIds }: Attack, treeId: string, afterSeq: string): Promise<void> {
  tally.requests += 1;
  const query = `treeId=${encode(treeId.slice(0, LISTED))}&afterSeq=${encode(afterSeq.slice(0, LISTED))}`;
  const stop = new AbortController();
  const response = await fetch(`${victim.url}/events?${query}`, {
    headers: { authorization: `Bearer ${victim.tokens.mallory}` },
    signal: stop.signal,
  });
  const { status } = response;
  tally.count(`HTTP ${status}`);
  if (status >= 500 && status !== 503) tally.complain(`GET /events?${query} was answered with ${status}`);
  if (status === 200 && foreignIds.includes(treeId))
    tally.complain(`The events of ${treeId} are shown to another user`);
  // The stream of a tree that has not ended is cut in its middle.
  stop.abort();
  await response.body?.cancel().catch(() => {});
}

/** Text that is no Unicode has no form in an address; what a careless client would send is. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** Opened at once and never read; then all are cut. */
async function openMany({ victim, tally }: Attack): Promise<void> {
  const sockets: Socket[] = [];
  for (let at = 0; at < STREAMS; at += 1) {
    tally.requests += 1;
    const socket = connect(victim.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET /events?treeId=pending HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${victim.tokens.mallory}\r\n\r\n`,
    );
    sockets.push(socket);
  }
  await Promise.all(sockets.map((socket) => Promise.race([happens(socket, 'data'), happens(socket, 'close')])));
  for (const socket of sockets) socket.destroy();
}

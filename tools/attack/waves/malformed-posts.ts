/** Messages that were valid once, by `POST /rpc`: single, cut, and many in a batch. */
import { mutatedMessages } from '@coppice/testkit/hostile';
import { forEach, poster, sample, VALID_MESSAGES, type Wave } from '../wave.ts';

const BATCHES = 20;
const BATCH_SIZE = 100;

export const malformedPosts: Wave = {
  name: 'malformed posts',
  share: 0.42,
  async run(attack) {
    const post = poster(attack);
    const texts = sample(mutatedMessages(VALID_MESSAGES), attack);
    await forEach(texts, post);
    for (let at = 0; at < BATCHES; at += 1) {
      await post(`[${texts.slice(at * BATCH_SIZE, (at + 1) * BATCH_SIZE).join(',')}]`);
    }
    const discover = { jsonrpc: '2.0', id: 1, method: 'rpc.discover' };
    await forEach(
      Array.from({ length: 16 }, () => JSON.stringify(Array(BATCH_SIZE).fill(discover))),
      post,
    );
  },
};

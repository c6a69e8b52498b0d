/** Ids of trees. */
import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
/** Number of ids whose random bytes are drawn at once. One draw costs as much as the rest of many small trees. */
const IDS_PER_DRAW = 256;

/** Makes UUIDs of version 7: unique, and in the order of their milliseconds. */
export function createIdSource(): () => string {
  let drawn = new Uint8Array();
  let at = 0;
  return () => {
    if (at === drawn.length) {
      drawn = randomBytes(ID_BYTES * IDS_PER_DRAW);
      at = 0;
    }
    const random = drawn.subarray(at, at + ID_BYTES);
    at += ID_BYTES;
    return v7({ random });
  };
}

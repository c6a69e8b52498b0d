/**
 * Signed links to one wait. Who has a link may answer that wait, once and until the link expires, and nothing else.
 *
 * The link says what it is for, and is signed with a key that only this server has (HMAC-SHA-256). Nothing is stored for a link. Deleting the
 * file of the key makes all links invalid.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Name of the key's file in the data directory. */
export const LINK_KEY_FILE = 'link-key';
/** Longest link that is looked at. */
const TOKEN_LENGTH_MAX = 2_048;
const NAME_LENGTH_MAX = 100;

export interface WaitLink {
  readonly taskId: string;
  /** Epoch ms at which the wait began: a later wait of the same task is another one. */
  readonly sinceMs: number;
  /** Epoch ms. */
  readonly expiresAtMs: number;
  /** Whom the link was made for; undefined: nobody said. */
  readonly name: string | undefined;
}

export interface WaitLinks {
  make(link: WaitLink): Promise<string>;
  /** The link of a token; `invalid`: this server has not made it; `expired`: its time has passed. */
  read(token: string): Promise<WaitLink | 'invalid' | 'expired'>;
}

export interface WaitLinksOptions {
  /** Makes the key, or reads it. Called when the first link is made or read. */
  readonly loadKey: () => Promise<string>;
  readonly nowMs: () => number;
}

export function createWaitLinks({ loadKey, nowMs }: WaitLinksOptions): WaitLinks {
  let loading: Promise<string> | undefined;
  const sign = async (text: string): Promise<Buffer> => {
    loading ??= loadKey();
    loading.catch(() => (loading = undefined));
    return createHmac('sha256', await loading)
      .update(`coppice.wait-link.1.${text}`)
      .digest();
  };
  return {
    async make({ taskId, sinceMs, expiresAtMs, name }) {
      const text = Buffer.from(JSON.stringify([taskId, sinceMs, expiresAtMs, ...(name === undefined ? [] : [name])]));
      const body = text.toString('base64url');
      return `${body}.${(await sign(body)).toString('base64url')}`;
    },
    async read(token) {
      const [body = '', signature = '', ...more] = token.length > TOKEN_LENGTH_MAX ? [] : token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = await sign(body);
      // One text only for each signature: base64url ignores bits at its end.
      const isSame = given.length === expected.length && timingSafeEqual(given, expected);
      if (!isSame || more.length > 0 || signature !== expected.toString('base64url')) return 'invalid';
      const link = linkOf(JSON.parse(Buffer.from(body, 'base64url').toString()) as readonly unknown[]);
      return link.expiresAtMs <= nowMs() ? 'expired' : link;
    },
  };
}

/** It was signed, so it is as it was made. */
function linkOf([taskId, sinceMs, expiresAtMs, name]: readonly unknown[]): WaitLink {
  return {
    taskId: taskId as string,
    sinceMs: sinceMs as number,
    expiresAtMs: expiresAtMs as number,
    name: name as string | undefined,
  };
}

/** Who answers by a link: `link`, or `link (Mia)`. */
export function answererOf({ name }: WaitLink): string {
  return name === undefined ? 'link' : `link (${name.slice(0, NAME_LENGTH_MAX)})`;
}

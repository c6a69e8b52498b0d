/** Finds the user of a token. */
import { hash, timingSafeEqual } from 'node:crypto';
import { LOCAL_OWNER } from '../rpc/caller.ts';
import type { Principal } from '../rpc/caller.ts';

export interface TokenOwner {
  readonly token: string;
  readonly principal: Principal;
}

/** The user behind a token; undefined: nobody. */
export type Authenticate = (token: string | undefined) => Principal | undefined;

/** Where no tokens are configured, everybody is the local owner. */
export function createAuthenticate(owners: readonly TokenOwner[] | 'noAuth'): Authenticate {
  if (owners === 'noAuth') return () => LOCAL_OWNER;
  const known = owners.map(({ token, principal }) => ({ digest: digest(token), principal }));
  return (token) => {
    if (token === undefined) return undefined;
    const given = digest(token);
    // All are compared, so that the time says nothing about which one came near.
    let found: Principal | undefined;
    for (const { digest: expected, principal } of known) if (timingSafeEqual(given, expected)) found = principal;
    return found;
  };
}

const BEARER = /^Bearer +([^\s]+) *$/i;

/** The token of an `Authorization` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}

/** The subprotocol of the wire; beside it a browser offers the one that carries its token. */
export const SUBPROTOCOL = 'coppice';
const TOKEN_SUBPROTOCOL = 'coppice.token.';

/** The token that a browser's WebSocket offered as the subprotocol `coppice.token.<base64url>`. */
export function subprotocolToken(header: string | undefined): string | undefined {
  const offered = header?.split(',').map((protocol) => protocol.trim());
  const carrier = offered?.find((protocol) => protocol.startsWith(TOKEN_SUBPROTOCOL));
  return carrier === undefined
    ? undefined
    : Buffer.from(carrier.slice(TOKEN_SUBPROTOCOL.length), 'base64url').toString();
}

/** Digests have one length, whatever the token's is. */
function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

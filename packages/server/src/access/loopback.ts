/** Which hosts are this machine only. */
import { isIP } from 'node:net';
import type { ServerConfig } from '../config.ts';
import { StartError } from '../start-error.ts';

/** True for a name or address that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  const bare = withoutBrackets(host).toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/** Throws a StartError where anybody could reach a server that asks for no token. */
export function checkListen({ auth, listen: { host } }: Pick<ServerConfig, 'auth' | 'listen'>): void {
  if (!auth.noAuth || isLoopbackHost(host)) return;
  const message = `listen.host: without tokens (auth.noAuth) only a loopback host such as 127.0.0.1 is allowed, not "${host}".`;
  throw new StartError('listen/no-auth', message);
}

/** True for an address that stands for all interfaces. */
export function isWildcardHost(host: string): boolean {
  const bare = withoutBrackets(host);
  return bare === '0.0.0.0' || bare === '::';
}

export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

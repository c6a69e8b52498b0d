/**
 * Refuses what a page of another site makes a browser send.
 *
 * - `Host`: a name of ours. A rebound DNS name points at us, but the browser still sends that name.
 * - `Origin`: absent (no browser), our own, or an allowed one.
 */
import { isIP } from 'node:net';
import { isLoopbackHost, isWildcardHost, withoutBrackets } from './loopback.ts';

export interface HostGuardOptions {
  /** The host that the server is bound to. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Answers why a request is refused; undefined: it is not. */
export function hostProblem(request: RequestOrigin, options: HostGuardOptions): string | undefined {
  const { host, origin } = request;
  if (host === undefined || !isServerHost(hostName(host), options)) {
    return 'The Host header names another server. Add the name to listen.allowedHosts if it is meant.';
  }
  if (origin === undefined || options.allowedOrigins.includes(origin) || isSameOrigin(origin, host)) return undefined;
  return 'Pages of this origin may not call the server. Add it to listen.allowedOrigins if it is meant.';
}

function isServerHost(name: string, { host, allowedHosts }: HostGuardOptions): boolean {
  if (isLoopbackHost(name) || name === withoutBrackets(host).toLowerCase()) return true;
  if (allowedHosts.some((allowed) => withoutBrackets(allowed).toLowerCase() === name)) return true;
  // An address is no name that could be rebound.
  return isWildcardHost(host) && isIP(name) !== 0;
}

/** The name of a Host header without its port. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(header);
  return (bracketed?.[1] ?? header.replace(/:\d*$/, '')).toLowerCase();
}

function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

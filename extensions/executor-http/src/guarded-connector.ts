/**
 * Opens connections to public addresses only.
 *
 * The address is checked when the connection is made: the very address that the name was resolved to, so that a name which
 * is resolved differently from one moment to the next (DNS rebinding) gains nothing. Redirects connect through here too.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';

/** A connection was refused because of its address. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  constructor(host: string, address: string) {
    const what = host === address ? address : `${host} is ${address}, which`;
    super(`${what} is not a public address; set "allowPrivateAddresses: true" if this is meant`);
  }
}

export interface AddressGuard {
  /** Default: any unicast address that no RFC sets apart. */
  readonly isPublicAddress?: (address: string) => boolean;
  /** Resolves names. With an error there need be no addresses. Default: the system's resolver. */
  readonly lookup?: (
    hostname: string,
    callback: (error: NodeJS.ErrnoException | null, addresses?: readonly LookupAddress[]) => void,
  ) => void;
}

export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** A connector for undici's Agent. */
export function buildGuardedConnector(tls: object, guard: AddressGuard): buildConnector.connector {
  const isPublic = guard.isPublicAddress ?? isPublicAddress;
  const resolve = guard.lookup ?? ((hostname, callback) => systemLookup(hostname, { all: true }, callback));
  const lookup: LookupFunction = (hostname, options, callback) => {
    const answer = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[] = []): void => {
      const [first] = addresses;
      const refused = addresses.find(({ address }) => !isPublic(address));
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(notFoundError(hostname), []);
      else if (refused !== undefined) callback(new AddressRefusedError(hostname, refused.address), []);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    };
    // A resolver that throws where it is called would do so in the middle of Node's connecting.
    try {
      resolve(hostname, answer);
    } catch (error) {
      answer(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const connect = buildConnector({ ...tls, lookup });
  return (options, callback) => {
    // A literal address is not looked up.
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && !isPublic(host)) callback(new AddressRefusedError(host, host), null);
    else connect(options, callback);
  };
}

/** What the system's resolver says of a name without addresses. */
function notFoundError(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}

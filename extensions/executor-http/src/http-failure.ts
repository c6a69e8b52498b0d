/** Says which answers and faults of a request are worth another try. */
import { RetryableError, TerminalError, type Json } from '@coppice/extension';
import { AddressRefusedError } from './guarded-connector.ts';

const retryableStatuses: readonly number[] = [408, 425, 429];

/** Certificate faults that do not start with `ERR_TLS_`; another try meets the same certificate. */
const certificateCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;

export function isExpected(status: number, expected: readonly (number | string)[]): boolean {
  return expected.some((item) => item === status || item === `${Math.floor(status / 100)}xx`);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Json;
}

/** The failure of an answer whose status was not expected. `request`: its method and address, for the message. */
export function toStatusError(
  { status, headers, body }: Answer,
  request: string,
  nowMs: number,
): RetryableError | TerminalError {
  const data = { status, headers, body };
  const message = `${request} answered status ${status}`;
  if (!retryableStatuses.includes(status) && status < 500) {
    const hint =
      status === 401 || status === 403
        ? '; check "auth"'
        : '; change the request, or list the status in "expectStatus"';
    return new TerminalError(message + hint, { code: 'http/status', data });
  }
  const retryAfterMs = parseRetryAfter(headers['retry-after'], nowMs);
  return new RetryableError(message, {
    code: 'http/status',
    data,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** `Retry-After` in seconds or as a date, as ms from now. A date in the past is 0. */
export function parseRetryAfter(value: string | readonly string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** The failure of a request that got no answer. Errors that are failures already stay as they are. */
export function toRequestError(thrown: unknown, request: string): Error {
  if (RetryableError.is(thrown) || TerminalError.is(thrown)) return thrown;
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  const fail = (failureCode: string, hint = ''): TerminalError =>
    new TerminalError(`${request} failed: ${message}${hint}`, { code: failureCode, cause: thrown });
  if (thrown instanceof AddressRefusedError) return fail('http/address-refused');
  if (code === 'UND_ERR_REDIRECT_MAX')
    return fail('http/too-many-redirects', '; raise "maxRedirects" or use "redirect: manual"');
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') return fail('http/invalid-request');
  if (certificateCodes.test(code)) return fail('http/tls', ` (${code}); add the issuing certificate to "tls.ca"`);
  const detail = message === '' ? code : message;
  return new RetryableError(`${request} failed: ${detail}`, { code: 'http/network', data: { code }, cause: thrown });
}

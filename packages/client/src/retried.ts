/** Repeats harmless calls across lost connections and busy servers. */
import { sleep } from './back-off.ts';
import { ConnectionError, RpcError } from './client-error.ts';
import type { Connection } from './connection.ts';

/** Repeats a harmless call until the connection lets it through or is given up, and as long as the server says when to try again. */
export async function retried<T>(
  connection: Pick<Connection, 'transport'>,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (ConnectionError.is(error)) await connection.transport.recover(error, signal);
      else if (RpcError.is(error) && typeof error.data['retryAfterMs'] === 'number') {
        await sleep(error.data['retryAfterMs'], signal);
      } else throw error;
    }
  }
}

/** How a transport waits between attempts to reach the server. */

export interface BackOffOptions {
  /** Delay before the second attempt, ms. Default 250. It doubles from attempt to attempt. */
  readonly delayMs?: number;
  /** Longest delay, ms. Default 15000. */
  readonly maxDelayMs?: number;
  /** Failed attempts in a row after which the transport gives up. Default 20. */
  readonly attemptsMax?: number;
}

/** Failed attempts in a row before giving up, unless an option says otherwise. */
export const ATTEMPTS_MAX = 20;

/** Delay after `failures` failed attempts in a row (from 1), ms: doubled each time, capped, and cut by up to a half at random. */
export function backOffMs(failures: number, options: BackOffOptions, random: () => number = Math.random): number {
  const rawMs = (options.delayMs ?? 250) * 2 ** Math.min(failures - 1, 30);
  return Math.min(rawMs, options.maxDelayMs ?? 15_000) * (1 - random() / 2);
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

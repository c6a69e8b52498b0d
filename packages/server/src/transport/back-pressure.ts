/**
 * Keeps what waits to be sent on one connection bounded.
 *
 * A sender writes at once. While more waits than the limit, it answers a promise that resolves when the connection has
 * taken enough; a connection that takes nothing for too long is given up.
 */

/** The part of a socket that counts what waits. */
export interface Outlet {
  /** Bytes that wait to be sent. */
  readonly waitingBytes: () => number;
  /** Writes; `taken` is called when something of what waits has left. */
  readonly write: (text: string, taken: () => void) => void;
  /** Ends a connection that takes nothing. */
  readonly giveUp: () => void;
}

export interface PressureLimits {
  readonly sendBufferBytes: number;
  readonly slowReaderMs: number;
}

export interface Sender {
  /** Writes. A promise: wait for it before the next one. */
  send(text: string): Promise<void> | undefined;
  /** The connection is gone: whoever waits goes on. */
  close(): void;
}

export function createSender(outlet: Outlet, { sendBufferBytes, slowReaderMs }: PressureLimits): Sender {
  let isClosed = false;
  let pause: { readonly passed: Promise<void>; readonly end: () => void } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function endPause(): void {
    clearTimeout(timer);
    timer = undefined;
    pause?.end();
    pause = undefined;
  }
  function restartTimer(): void {
    clearTimeout(timer);
    timer = setTimeout(outlet.giveUp, slowReaderMs);
    timer.unref();
  }
  function taken(): void {
    if (pause === undefined) return;
    if (outlet.waitingBytes() <= sendBufferBytes) endPause();
    else restartTimer();
  }

  return {
    send: (text) => {
      if (isClosed) return undefined;
      outlet.write(text, taken);
      if (outlet.waitingBytes() <= sendBufferBytes) return undefined;
      if (pause === undefined) {
        let end = (): void => {};
        pause = { passed: new Promise((resolve) => (end = resolve)), end: () => end() };
        restartTimer();
      }
      return pause.passed;
    },
    close: () => {
      isClosed = true;
      endPause();
    },
  };
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSender } from './back-pressure.ts';

/** A connection that takes bytes only when told. */
function slowConnection() {
  const waiting: { readonly bytes: number; readonly taken: () => void }[] = [];
  const state = { waitingBytes: 0, givenUp: 0 };
  const sender = createSender(
    {
      waitingBytes: () => state.waitingBytes,
      write: (text, taken) => {
        state.waitingBytes += text.length;
        waiting.push({ bytes: text.length, taken });
      },
      giveUp: () => (state.givenUp += 1),
    },
    { sendBufferBytes: 10, slowReaderMs: 1000 },
  );
  const takeOne = (): void => {
    const next = waiting.shift();
    state.waitingBytes -= next?.bytes ?? 0;
    next?.taken();
  };
  return { sender, state, takeOne };
}

describe('back-pressure (R-PR-04)', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks for nothing while little waits', () => {
    const { sender } = slowConnection();
    expect(sender.send('12345')).toBeUndefined();
    expect(sender.send('12345')).toBeUndefined();
  });

  it('holds the writer back until enough is taken', async () => {
    const { sender, takeOne, state } = slowConnection();
    void sender.send('123456');
    const pause = sender.send('789012');
    expect(pause).toBeInstanceOf(Promise);
    takeOne();
    await pause;
    vi.advanceTimersByTime(10_000);
    expect(state.givenUp).toBe(0);
    expect(sender.send('1')).toBeUndefined();
  });

  it('gives up a connection that takes nothing, not one that takes little', () => {
    const { sender, takeOne, state } = slowConnection();
    for (let count = 0; count < 5; count += 1) void sender.send('1234567');
    vi.advanceTimersByTime(900);
    takeOne();
    vi.advanceTimersByTime(900);
    expect(state.givenUp).toBe(0);
    vi.advanceTimersByTime(200);
    expect(state.givenUp).toBe(1);
  });

  it('lets the writer go on when the connection is gone', async () => {
    const { sender, state } = slowConnection();
    const pause = sender.send('12345678901');
    sender.close();
    await pause;
    expect(sender.send('12345678901')).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    expect(state.givenUp).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** More than a turn may take. */
const LONG_MS = 15;

/** Turns by a clock that only `burn` moves. */
function turnsAndBurn(): { turns: Turns; burn: () => void } {
  let nowMs = 0;
  const burn = (): void => {
    nowMs += LONG_MS;
  };
  return { turns: new Turns(() => nowMs), burn };
}

describe('turns', () => {
  it('do a piece at once while there is time, and answer what it answers', () => {
    const { turns } = turnsAndBurn();
    expect(turns.run('a', () => 1)).toBe(1);
    expect(() => turns.run('a', () => JSON.parse('{') as never)).toThrow(SyntaxError);
  });

  it('let the event loop go round between long pieces', async () => {
    const { turns, burn } = turnsAndBurn();
    const order: string[] = [];
    void turns.run('a', burn);
    const second = turns.run('a', () => {
      order.push('second');
      burn();
    });
    const third = turns.run('a', () => void order.push('third'));
    setImmediate(() => order.push('the loop'));
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'the loop', 'third']);
  });

  it('go to the user who has used the least time, and keep the order of each', async () => {
    const { turns, burn } = turnsAndBurn();
    const order: string[] = [];
    void turns.run('busy', burn);
    const pieces = ['busy', 'busy', 'busy', 'quiet', 'quiet', 'quiet'].map((userId, index) =>
      turns.run(userId, () => {
        order.push(`${userId} ${index}`);
        if (userId === 'busy' || index === 5) burn();
      }),
    );
    expect(order).toEqual([]);
    await Promise.all(pieces.map((piece) => Promise.resolve(piece)));
    expect(order).toEqual(['quiet 3', 'quiet 4', 'quiet 5', 'busy 0', 'busy 1', 'busy 2']);
  });

  it('give no credit for time that was not used while nobody waited', async () => {
    const { turns, burn } = turnsAndBurn();
    for (let at = 0; at < 3; at += 1) await turns.run('early', burn);
    const order: string[] = [];
    void turns.run('early', burn);
    const late = Array.from({ length: 3 }, () =>
      turns.run('late', () => {
        order.push('late');
        burn();
      }),
    );
    const early = turns.run('early', () => void order.push('early'));
    await Promise.all([...late, early].map((piece) => Promise.resolve(piece)));
    // Its first pieces have used more than `late` has, but not from when `late` came.
    expect(order.indexOf('early')).toBeLessThan(3);
  });

  it('hand a fault of a waiting piece to who waits for it, and go on', async () => {
    const { turns, burn } = turnsAndBurn();
    void turns.run('a', burn);
    const failed = turns.run('a', () => JSON.parse('{') as unknown);
    const next = turns.run('a', () => 'next');
    await expect(failed).rejects.toThrow(SyntaxError);
    expect(await next).toBe('next');
  });

  it('count what is done inside of a piece once', () => {
    const { turns } = turnsAndBurn();
    void turns.run('a', () => {
      for (let at = 0; at < 5; at += 1) void turns.run('a', () => undefined);
    });
    expect(turns.run('a', () => 'at once')).toBe('at once');
  });
});

/** 10,000 hostile requests against a real server: it answers a probe at any moment, stays small, and touches nobody's tree (R-SE-01, R-QG-04). */
import { describe, expect, it } from 'vitest';
import { attack, PROBE_MS_MAX } from './attack.ts';
import { Tally } from './tally.ts';
import { poster, requestText, type Wave } from './wave.ts';

/** Another seed searches elsewhere: `npm run attack -- --seed N`. */
const SEED = 20_261_130;
const REQUESTS = 10_000;

function execute(executor: string, inputs: object): string {
  const tasks = [{ name: 'planted', executor, inputs }];
  return requestText('tasks.execute', { tasks, wait: true });
}

function planted(inputs: object): Wave {
  return { name: 'planted', share: 1, run: (given) => poster(given)(execute('harm', inputs)) };
}

describe('what an attack finds', () => {
  it('is nothing in a server that has stood', async () => {
    const report = await attack({ requests: REQUESTS, seed: SEED });
    expect(report.complaints).toEqual([]);
    expect(report.requests).toBeGreaterThanOrEqual(REQUESTS);
    // Every wave has sent something, and messages of all kinds have come through.
    for (const wave of report.waves) expect(wave.requests, wave.name).toBeGreaterThan(0);
    expect(Object.keys(report.waves[0]?.answers ?? {})).toEqual(
      expect.arrayContaining(['result', 'silence', '-32700', '-32600', '-32601', '-32602', '-32001']),
    );
  }, 240_000);

  it('is a turn of the event loop that takes too long', async () => {
    const report = await attack({ requests: 1, seed: SEED, waves: [planted({ burnMs: 10 * PROBE_MS_MAX })] });
    expect(report.complaints).toEqual([expect.stringMatching(/^planted: A probe waited for \d+ ms of the processor$/)]);
  });

  it('is a server that has ended', async () => {
    const report = await attack({ requests: 1, seed: SEED, waves: [planted({ exit: 7 })] });
    expect(report.complaints.join('\n')).toMatch(/system\.health was not answered[^]*No answer to/);
  });
});

describe('the tally', () => {
  it('complains of faults of ours, of answers that are none, and of text that is no JSON', () => {
    const tally = new Tally();
    tally.answer('{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":""}}', 'first');
    tally.answer('[{"jsonrpc":"2.0","id":1}]', 'second');
    tally.answer('<html>', 'third');
    tally.answer('{"jsonrpc":"2.0","id":1,"result":null}', 'fourth');
    expect(tally.complaints).toHaveLength(3);
    expect(Object.fromEntries(tally.answers)).toEqual({ '-32603': 1, result: 2 });
  });
});

/** Seeded storms: crashes, failing and slow appends, late and double answers, clock jumps, and a user who does anything at any time. */
import { MemoryStore } from '@coppice/storage';
import { simulate } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';

const createStore = () => new MemoryStore();
const BLOCK = 250;
/** Seeds of trees in which something is undone. */
const SAGAS = [62, 76, 119, 120];
/** A busy machine takes ten times as long. */
const MS_MAX = 60_000;

describe('invariants 1, 2, 5, 6, 7, 8, 9 and 12, after every commit', () => {
  it.each(Array.from({ length: 8 }, (_, block) => 1 + block * BLOCK))(
    `hold in a storm: ${BLOCK} seeds from %i`,
    async (from) => {
      let crashes = 0;
      for (let seed = from; seed < from + BLOCK; seed++) crashes += (await simulate({ seed, createStore })).crashes;
      expect(crashes).toBeGreaterThan(0);
    },
    MS_MAX,
  );

  it.each([
    [1063, 'a run that was loaded again is not taken out of memory by a late result'],
    [36, 'no place at a gate is given away before all runs are recovered'],
    [1043, 'nothing is decided after the last commit of an engine that stops'],
    [1959, 'a request to an engine that has stopped is refused'],
    [2409, 'a run that was loaded again is not taken out of memory by a late result'],
  ])('seed %i, once found: %s', async (seed) => {
    await expect(simulate({ seed, createStore, refusals: false, pauses: false, flow: false })).resolves.toMatchObject({
      seed,
    });
  });

  it.each([
    [5421, 'the place of an attempt stays taken whose end is given up together with that of its run'],
    [11842, 'a removal that comes while an append is under way is not answered by that one'],
  ])('seed %i, once found: %s', async (seed) => {
    await expect(simulate({ seed, createStore, pauses: false, flow: false })).resolves.toMatchObject({ seed });
  });

  it('seed 14 without faults, once found: a run of a user that is copied with its results, or opened again, waits for its place', async () => {
    await expect(simulate({ seed: 14, createStore, faults: false })).resolves.toMatchObject({ seed: 14 });
  });

  it('R-CP-08: a storm has pauses in it, which crashes do not end', async () => {
    const reports = await Promise.all(Array.from({ length: 60 }, (_, at) => simulate({ seed: at + 1, createStore })));
    const lines = reports.flatMap(({ history }) => history);
    for (const type of ['TaskPausing', 'TaskPaused', 'TaskResumed'])
      expect(lines.filter((line) => line.includes(` ${type} `)).length, type).toBeGreaterThan(5);
    const crashed = reports.filter(({ crashes }) => crashes > 0).map(({ history }) => history.join('\n'));
    expect(crashed.some((history) => /TaskPaused (?:(?!TaskResumed)[^])*the process dies/.test(history))).toBe(true);
  });

  it('R-SN-02: a storm has tasks in it that somebody ends by hand, while they wait and while they run', async () => {
    const reports = await Promise.all(Array.from({ length: 120 }, (_, at) => simulate({ seed: at + 1, createStore })));
    const lines = reports.flatMap(({ history }) => history);
    for (const what of ['skip', 'complete'])
      expect(lines.filter((line) => new RegExp(`${what} \\S+: ok`).test(line)).length, what).toBeGreaterThan(5);
    expect(lines.some((line) => / TaskSkipped \S+\/\d+/.test(line))).toBe(true);
  });

  it('R-SG-09: a storm has breakers in it that open, let probes pass, close and are reset, and some work goes another way', async () => {
    const reports = await Promise.all(Array.from({ length: 250 }, (_, at) => simulate({ seed: at + 1, createStore })));
    const lines = reports.flatMap(({ history }) => history);
    for (const type of ['BreakerOpened', 'BreakerHalfOpened', 'BreakerClosed'])
      expect(lines.filter((line) => line.includes(` ${type} breaker:`)).length, type).toBeGreaterThan(0);
    expect(lines.some((line) => / reset breaker:\S+: ok/.test(line))).toBe(true);
    expect(lines.some((line) => / RetryScheduled \S+ breaker\/open$/.test(line))).toBe(true);
    const crashed = reports.filter(({ crashes }) => crashes > 0).map(({ history }) => history.join('\n'));
    expect(crashed.some((history) => /BreakerOpened (?:(?!BreakerClosed)[^])*the process dies/.test(history))).toBe(
      true,
    );
  });

  it('a storm grows, waits, shares and is answered in any way', async () => {
    const reports = await Promise.all(Array.from({ length: 80 }, (_, at) => simulate({ seed: at + 1, createStore })));
    const lines = reports.flatMap(({ history }) => history);
    const found = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
    for (const pattern of [
      // An executor has added tasks; a copy in a copy; a member of an added group; a wait of a copy.
      / TaskOpened \S+\/\d/,
      / TaskStarted [abc]-t\d+\.\d+\.\d+\/1/,
      / TaskOpened [abc]-t\d+:\d/,
      / WaitStarted [abc]-t\d+[.:]\d/,
      / SignalReceived/,
      /answers: .*s2 for \S+: ok/,
      /answers: .*ok and task\/invalid-transition/,
    ])
      expect(found(pattern), String(pattern)).toBeGreaterThan(0);
  });

  it('a storm has refusals in it', async () => {
    const histories = [3, 5, 8, 36].map(async (seed) => (await simulate({ seed, createStore })).history.join('\n'));
    const all = (await Promise.all(histories)).join('\n');
    expect(all).toMatch(/is refused from \d+: storage\/refused/);
    expect(all).toMatch(/is refused from \d+: storage\/conflict/);
  });
});

describe('a seed', () => {
  it('gives the same history every time', async () => {
    for (const seed of [3, 17, 41]) {
      const [first, second] = [await simulate({ seed, createStore }), await simulate({ seed, createStore })];
      expect(second.history).toEqual(first.history);
    }
  });

  it('that fails says how to replay it', async () => {
    const brokenStore = () =>
      Object.assign(new MemoryStore(), { verifyLog: async () => ({ seq: 3, problem: 'planted' }) });
    await expect(simulate({ seed: 3, createStore: brokenStore })).rejects.toThrow(
      /^Seed 3: 1: the stored log of [\s\S]*npm run simulate -- --seed 3/,
    );
  });
});

describe('a crash at every commit of a saga', () => {
  it(
    'R-SG-06: nothing is undone, cleaned up or replaced twice, at whatever commit the process dies',
    async () => {
      let crashes = 0;
      const seen: string[] = [];
      for (const seed of SAGAS) {
        const undisturbed = await simulate({ seed, createStore, faults: false });
        for (let crashAtAppend = 1; ; crashAtAppend++) {
          const report = await simulate({ seed, createStore, faults: false, crashAtAppend });
          if (report.crashes <= undisturbed.crashes) break;
          crashes++;
          seen.push(...report.history.filter((line) => line.includes('undo') || line.includes('RetryScheduled')));
        }
      }
      expect(crashes).toBeGreaterThan(50);
      for (const what of [/ TaskCompleted \S+undo/, / AttemptInterrupted \S+undo/, / RetryScheduled /])
        expect(
          seen.some((line) => what.test(line)),
          String(what),
        ).toBe(true);
    },
    MS_MAX,
  );
});

/**
 * Replays simulations: `npm run simulate -- --seed N` prints the history of one seed, `--seeds N [--from M]` runs many and prints the
 * failures. `--weather calm`, `--variation V` and `--concurrency C` narrow down what a failing comparison has run. `--no-faults` replays what was
 * found without faults of the store and the process, `--no-refusals` and `--no-pauses` what was found before stores refused parts of appends, and
 * before somebody paused runs.
 */
import { parseArgs } from 'node:util';
import { MemoryStore } from '@coppice/storage';
import { simulate, type Weather } from '@coppice/testkit/simulation';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    weather: { type: 'string', default: 'stormy' },
    variation: { type: 'string', default: '0' },
    concurrency: { type: 'string' },
    faults: { type: 'boolean' },
    refusals: { type: 'boolean', default: true },
    pauses: { type: 'boolean', default: true },
    flow: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

const common = {
  createStore: () => new MemoryStore(),
  weather: weatherOf(values.weather),
  variation: Number(values.variation),
  refusals: values.refusals,
  pauses: values.pauses,
  flow: values.flow,
  ...(values.faults === undefined ? {} : { faults: values.faults }),
  ...(values.concurrency === undefined ? {} : { concurrency: Number(values.concurrency) }),
};

if (values.seed === undefined) await runMany(Number(values.from), Number(values.seeds ?? 100));
else await runOne(Number(values.seed));

function weatherOf(text: string): Weather {
  if (text === 'calm' || text === 'stormy') return text;
  throw new Error(`--weather is calm or stormy, not ${text}`);
}

async function runOne(seed: number): Promise<void> {
  try {
    const { statuses, crashes, events } = await simulate({ ...common, seed, onLine: (line) => console.log(line) });
    console.log(`Seed ${seed}: ${statuses.join(', ')}; ${events} events, ${crashes} crashes`);
  } catch (error) {
    console.error((error as Error).message.split('\n')[0]);
    process.exitCode = 1;
  }
}

async function runMany(from: number, count: number): Promise<void> {
  let failed = 0;
  for (let seed = from; seed < from + count; seed++) {
    try {
      await simulate({ ...common, seed });
    } catch (error) {
      failed++;
      console.error((error as Error).message);
    }
  }
  console.log(`${count} seeds from ${from}: ${failed === 0 ? 'all sound' : `${failed} failed`}`);
  if (failed > 0) process.exitCode = 1;
}

/** A processor profile of the measured part of a child, without its start and its warm-up. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** The file that the profile is written to; unset: no profile. */
export const PROFILE_VARIABLE = 'COPPICE_BENCH_PROFILE';
const INTERVAL_US = 200;

/** Starts to profile when that is asked for. The answer ends it and writes the file. */
export async function startProfile(): Promise<(() => Promise<void>) | undefined> {
  const file = process.env[PROFILE_VARIABLE];
  if (file === undefined) return undefined;
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(file, JSON.stringify(profile));
  };
}

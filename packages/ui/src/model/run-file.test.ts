import type { Client } from '@coppice/client';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRunFile, savedRun, savedSession } from './run-file.ts';
import { logOf, runEvents } from './run.fixture.ts';

type Events = Awaited<ReturnType<typeof readRunFile>>;

/** A server with this run alone. */
function serverWith(events: Events): Client {
  return {
    tasks: {
      events: ({ afterSeq = 0 }) => Promise.resolve({ items: events.slice(afterSeq), lastSeq: events.at(-1)?.seq }),
      get: () => Promise.resolve({ name: 'x', tree: { status: 'completed', endedAt: null } }),
      logs: () => Promise.resolve({ items: [], next: 0, ended: true }),
    },
  } as unknown as Client;
}

const saved = (events: Events) => savedRun(serverWith(events), events[0]?.treeId ?? '');

async function packed(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(bytes).arrayBuffer());
}

it('gives back what was saved, and shows it', async () => {
  await fc.assert(
    fc.asyncProperty(runEvents(), async (events) => {
      const read = await readRunFile(await saved(events));
      expect(read).toEqual(events);
      const session = savedSession(read);
      expect(session.treeId).toBe(events[0]?.treeId);
      session.dispose();
    }),
    { numRuns: 30 },
  );
});

it.each([
  ['null', /no Coppice run/],
  ['{}', /no Coppice run/],
  ['not json', /no Coppice run/],
  ['', /empty/],
  ['{"format":"coppice-run","version":1,"events":[]}', /version 1 of the format/],
])('refuses %s', async (text, reason) => {
  await expect(readRunFile(await packed(text))).rejects.toThrow(reason);
});

it('refuses what is not packed, is cut off, or has a gap', async () => {
  const events = logOf({ root: [null], a: ['root'] }, [['TaskOpened', 'root', {}]]);
  const whole = await saved(events);
  await expect(readRunFile(new TextEncoder().encode('plain'))).rejects.toThrow(/can not be unpacked/);
  await expect(readRunFile(whole.slice(0, -60))).rejects.toThrow(/can not be unpacked|The end of the file is missing/);
  await expect(readRunFile(await saved([...events.slice(0, 1), ...events.slice(2)]))).rejects.toThrow(
    /Events are missing/,
  );
});

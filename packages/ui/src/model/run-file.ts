/** A run as a file: to be saved, and to be looked at anywhere without a server. */
import { TreeLog } from '@coppice/client';
import type { Client } from '@coppice/client';
import { exportRun, RunFileError, RunFileReader } from '@coppice/protocol';
import type { RunEvent, RunFileHash } from '@coppice/protocol';
import { RunSession } from './run-session.ts';

/** The bytes of the file of a run, as it is now. */
export async function savedRun(client: Client, treeId: string): Promise<Uint8Array<ArrayBuffer>> {
  const texts: string[] = [];
  for await (const text of exportRun(client, treeId, sha256())) texts.push(text);
  const packed = new Blob(texts).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** The events in a file. Throws a RunFileError with what is wrong with it. */
export async function readRunFile(bytes: Uint8Array<ArrayBuffer>): Promise<readonly RunEvent[]> {
  const reader = new RunFileReader(sha256());
  const events: RunEvent[] = [];
  for (const line of (await unpacked(bytes)).split('\n')) {
    if (line === '') continue;
    const part = reader.read(line);
    if ('event' in part) events.push(part.event);
  }
  await reader.finish();
  if (events[0]?.type === 'TreeCreated' && events.every(({ seq }, at) => seq === at + 1)) return events;
  throw new RunFileError('Events are missing in this file. Save the run again.');
}

/** A session without a server: the file holds all events. Nothing can be done in it but look. */
export function savedSession(events: readonly RunEvent[]): RunSession {
  const treeId = events[0]?.treeId ?? '';
  const log = new TreeLog(treeId, () => Promise.resolve({ items: [], lastSeq: events.length }));
  for (const event of events) void log.receive(event);
  const never = () => () => undefined;
  const store = { freshness: 'live' as const, onFreshness: never, onTrees: never, find: () => undefined };
  return new RunSession({ store, open: { log, close: () => undefined }, actions: [] });
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  } catch {
    throw new RunFileError('The file is no Coppice run, or it is damaged: it can not be unpacked.');
  }
}

/** Browsers hash only what is whole. */
function sha256(): RunFileHash {
  const texts: string[] = [];
  return {
    update: (text) => void texts.push(text),
    digest: async () => {
      const bytes = await new Blob(texts).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
  };
}

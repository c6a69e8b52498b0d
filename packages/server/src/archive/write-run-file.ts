/** Saves a run of an engine as a file. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Outcome, TreeRecord } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { eventPages, logPages, RunFileError, runFileTexts } from '@coppice/protocol';
import type { RunFileHash, RunFileHead } from '@coppice/protocol';
import { SERVER_VERSION } from '../version.ts';
import { eventToWire } from '../wire/event-to-wire.ts';
import { logLineToWire } from '../wire/observation-to-wire.ts';
import { isoTime, isoTimeOrNull } from '../wire/time.ts';

/** What the names of files end with that are not written whole yet. */
export const UNFINISHED = '.tmp';

export interface SavedRun {
  readonly tree: TreeRecord;
  /** Hash of its state. */
  readonly hash: string;
  readonly savedAtMs: number;
}

/** Writes the file whole or not at all: beside its place first, and then in it. */
export async function writeRunFile(engine: Engine, { tree, hash, savedAtMs }: SavedRun, path: string): Promise<void> {
  const { treeId } = tree;
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}${UNFINISHED}`);
  const texts = runFileTexts(
    {
      head: headOf(tree, savedAtMs),
      events: eventPages(async (range) => {
        const events = await given(engine.events(treeId, range));
        return events.map((event) => eventToWire(treeId, event));
      }, tree.seq),
      logs: logPages(async (range) => {
        const { lines, nextOffset } = await given(engine.logs({ taskId: treeId, waitMs: 0, ...range }));
        return { items: lines.map(logLineToWire), next: nextOffset };
      }),
      state: { hash, by: SERVER_VERSION },
    },
    sha256(),
  );
  try {
    const file = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(Readable.from(texts), createGzip(), file);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A SHA-256 as the format of the file asks for it. */
export function sha256(): RunFileHash {
  const hash = createHash('sha256');
  return { update: (text) => void hash.update(text), digest: () => hash.digest('hex') };
}

function headOf(tree: TreeRecord, savedAtMs: number): RunFileHead {
  const { treeId, name, userId, status, createdAtMs, endedAtMs } = tree;
  return {
    treeId,
    name,
    userId,
    status,
    createdAt: isoTime(createdAtMs),
    endedAt: isoTimeOrNull(endedAtMs),
    savedAt: isoTime(savedAtMs),
  };
}

/** What was asked for; a refusal is no part of a file. */
async function given<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const answered = await outcome;
  if (answered.ok) return answered.value;
  throw new RunFileError(answered.rejection.message);
}

/** Makes the new name durable. Not every system can: there the file system does so by itself. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

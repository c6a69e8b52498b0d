/** The stream of the engine itself: one row per event. There are few, so all are read when the engine starts. */
import { EVENT_VERSION, type EngineAppend, type EngineEvent } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { checkInteger } from '../record/page.ts';
import { checkEngineAppend } from '../record/refusals.ts';
import { StoreError } from '../store-error.ts';

interface Row {
  readonly seq: number;
  readonly version: number;
  readonly atMs: number;
  readonly type: string;
  readonly actor: string;
  readonly data: string;
}

export class EngineEvents {
  readonly #insert: Statement<[number, number, number, string, string, string]>;
  readonly #last: Statement<[], { readonly seq: number }>;
  readonly #page: Statement<[number, number], Row>;

  constructor(database: Database) {
    this.#insert = database.prepare(
      'INSERT INTO engine_event (seq, version, at_ms, type, actor, data) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#last = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM engine_event');
    this.#page = database.prepare(
      'SELECT seq, version, at_ms AS atMs, type, actor, data FROM engine_event WHERE seq > ? ORDER BY seq LIMIT ?',
    );
  }

  /** Throws a Conflict for events that do not continue the stream. */
  append(part: EngineAppend): void {
    checkEngineAppend(part, this.#last.get()?.seq ?? 0);
    for (const { seq, atMs, type, actor, data } of part.events)
      this.#insert.run(seq, EVENT_VERSION, atMs, type, JSON.stringify(actor ?? null), JSON.stringify(data));
  }

  read(afterSeq: number, limit: number): EngineEvent[] {
    checkInteger('afterSeq', afterSeq, 0);
    checkInteger('limit', limit, 0);
    return this.#page.all(afterSeq, limit).map(eventOf);
  }
}

function eventOf({ seq, version, atMs, type, actor, data }: Row): EngineEvent {
  const place = `The stream of the engine, event ${seq}`;
  if (version > EVENT_VERSION) {
    throw new StoreError(
      'storage/newer',
      `${place}: version ${version} is newer than ${EVENT_VERSION}, which this program knows; update it`,
    );
  }
  try {
    const by = (JSON.parse(actor) as object | null) ?? undefined;
    return { type, seq, atMs, actor: by, data: JSON.parse(data) as object } as EngineEvent;
  } catch (error) {
    throw new StoreError('storage/corrupt', `${place}: its data is no JSON`, { cause: error });
  }
}

/** Events as both stores keep them, how they are read back, and how a log is checked. */
import { EVENT_VERSION, type RunEvent } from '@coppice/core';
import { StoreError } from '../store-error.ts';
import { EVENT_TYPE_OF } from './codes.ts';
import { joinedCreation } from './creation-parts.ts';

export interface EventRow {
  readonly seq: number;
  readonly atMs: number;
  /** See `EVENT_CODES`. */
  readonly type: number;
  /** Version of the event's schema. */
  readonly version: number;
  readonly taskId: string | null;
  readonly attempt: number | null;
  /** JSON text; null: an empty object. */
  readonly data: string | null;
  /** Of TreeCreated only, see `creation-parts.ts`. */
  readonly parts?: readonly string[] | undefined;
}

/** A place in a log, and what is wrong there. */
export interface LogProblem {
  readonly seq: number;
  readonly problem: string;
}

export function eventOf(row: EventRow, treeId: string): RunEvent {
  const problem = envelopeProblem(row);
  if (problem !== undefined) throw damaged(row, treeId, problem);
  return {
    type: EVENT_TYPE_OF[row.type],
    seq: row.seq,
    atMs: row.atMs,
    taskId: row.taskId ?? undefined,
    attempt: row.attempt ?? undefined,
    data: dataOf(row, treeId),
  } as RunEvent;
}

function dataOf(row: EventRow, treeId: string): unknown {
  const data = parsedData(row);
  if (data === undefined) throw damaged(row, treeId, NOT_JSON);
  return data;
}

/** Undefined when the texts are damaged. */
function parsedData({ data, parts }: EventRow): unknown {
  try {
    const value: unknown = data === null ? {} : JSON.parse(data);
    return parts === undefined ? value : joinedCreation(value, parts);
  } catch {
    return undefined;
  }
}

function damaged(row: EventRow, treeId: string, problem: string): StoreError {
  const code = row.version > EVENT_VERSION ? 'storage/newer' : 'storage/corrupt';
  return new StoreError(code, `Tree ${treeId}, event ${row.seq}: ${problem}`);
}

/** Checks a whole log; `rows` in stored order, `expectedSeq` is what the tree's row says was written last. */
export function checkLog(rows: Iterable<EventRow>, expectedSeq: number): LogProblem | undefined {
  let last = 0;
  for (const row of rows) {
    if (row.seq !== last + 1) {
      const problem =
        row.seq <= last ? `event ${row.seq} is there twice` : `events ${last + 1} to ${row.seq - 1} are missing`;
      return { seq: last + 1, problem };
    }
    last = row.seq;
    const problem = problemOf(row);
    if (problem !== undefined) return { seq: row.seq, problem };
    if ((row.seq === 1) !== (EVENT_TYPE_OF[row.type] === 'TreeCreated')) {
      return { seq: row.seq, problem: 'a log begins with TreeCreated, and has no other' };
    }
  }
  if (last < expectedSeq)
    return { seq: last + 1, problem: `events ${last + 1} to ${expectedSeq} are missing at the end` };
  if (last > expectedSeq) return { seq: last, problem: `the tree's row knows events up to ${expectedSeq} only` };
  return undefined;
}

const NOT_JSON = 'its data is not a whole JSON object';

function problemOf(row: EventRow): string | undefined {
  return envelopeProblem(row) ?? (isObject(parsedData(row)) ? undefined : NOT_JSON);
}

function envelopeProblem(row: EventRow): string | undefined {
  if (row.version > EVENT_VERSION) {
    return `version ${row.version} is newer than ${EVENT_VERSION}, which this program knows; update it`;
  }
  return EVENT_TYPE_OF[row.type] === undefined ? `unknown type ${row.type}` : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

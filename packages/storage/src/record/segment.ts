/**
 * A log is kept in segments: the events of one append, a line each. Writing one row for all of them costs a fraction of a row for each,
 * and a damaged line is still found by its number.
 */
import { EVENT_VERSION, type RunEvent } from '@coppice/core';
import { StoreError } from '../store-error.ts';
import { EVENT_TYPE_OF } from './codes.ts';
import { codeOf, readLine } from './event-line.ts';

export interface Segment {
  /** Sequence number of its first event. */
  readonly firstSeq: number;
  /** Version of the events' schema. */
  readonly version: number;
  /** JSON texts, one a line. */
  readonly lines: string;
  /** Texts of tasks that are written beside a TreeCreated event. */
  readonly parts: readonly string[];
}

/** A place in a log, and what is wrong there. */
export interface LogProblem {
  readonly seq: number;
  readonly problem: string;
}

const NEWLINE = '\n';

/** The text of a segment. */
export function segmentText(lines: readonly string[]): string {
  return lines.length === 1 ? (lines[0] as string) : lines.join(NEWLINE);
}

/** Where reading begins and ends. */
export interface EventRange {
  readonly treeId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Events of segments that follow each other. Throws a StoreError that names the first damaged one. */
export function eventsOf(segments: readonly Segment[], { treeId, afterSeq, limit }: EventRange): RunEvent[] {
  const events: RunEvent[] = [];
  const lines = linesOf(segments);
  let next = 0;
  for (const segment of segments) {
    const { firstSeq, parts, version } = segment;
    if (version > EVENT_VERSION) throw damaged(segment, treeId, firstSeq);
    const endSeq = firstSeq + countLines(segment.lines);
    for (let seq = firstSeq; seq < endSeq; seq++) {
      const line = lines[next++];
      if (seq <= afterSeq) continue;
      if (events.length === limit) return events;
      const event = readable(line, { treeId, seq }, parts);
      if (event === undefined) throw damaged(segment, treeId, seq);
      events.push(event);
    }
  }
  return events;
}

function damaged(segment: Segment, treeId: string, seq: number): StoreError {
  const code = segment.version > EVENT_VERSION ? 'storage/newer' : 'storage/corrupt';
  const line = segment.lines.split(NEWLINE)[seq - segment.firstSeq] ?? '';
  return new StoreError(code, `Tree ${treeId}, event ${seq}: ${problemOf(segment, line, seq) ?? NOT_JSON}`);
}

/** All lines, parsed: at once if they are sound, else each, undefined for what is none. */
function linesOf(segments: readonly Segment[]): unknown[] {
  const text = segments.map(({ lines }) => lines).join(NEWLINE);
  const whole = parsed(`[${text.replaceAll(NEWLINE, ',')}]`);
  return Array.isArray(whole) ? whole : text.split(NEWLINE).map(parsed);
}

/** How many events a segment has. */
function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Checks a whole log; `segments` in stored order, `expectedSeq` is what the tree's row says was written last. */
export function checkLog(segments: Iterable<Segment>, expectedSeq: number): LogProblem | undefined {
  let last = 0;
  for (const segment of segments) {
    const { firstSeq } = segment;
    if (firstSeq !== last + 1) {
      const problem =
        firstSeq <= last ? `event ${firstSeq} is there twice` : `events ${last + 1} to ${firstSeq - 1} are missing`;
      return { seq: last + 1, problem };
    }
    for (const line of segment.lines.split(NEWLINE)) {
      last++;
      const problem = problemOf(segment, line, last);
      if (problem !== undefined) return { seq: last, problem };
    }
  }
  if (last < expectedSeq)
    return { seq: last + 1, problem: `events ${last + 1} to ${expectedSeq} are missing at the end` };
  if (last > expectedSeq) return { seq: last, problem: `the tree's row knows events up to ${expectedSeq} only` };
  return undefined;
}

const NOT_JSON = 'it is not a whole event in JSON';

function problemOf({ version, parts }: Segment, line: string, seq: number): string | undefined {
  if (version > EVENT_VERSION) {
    return `version ${version} is newer than ${EVENT_VERSION}, which this program knows; update it`;
  }
  const value = parsed(line);
  const code = codeOf(value);
  if (code === undefined) return NOT_JSON;
  if (EVENT_TYPE_OF[code] === undefined) return `unknown type ${code}`;
  if ((seq === 1) !== (EVENT_TYPE_OF[code] === 'TreeCreated')) return 'a log begins with TreeCreated, and has no other';
  return readable(value, { treeId: '', seq }, parts) === undefined ? NOT_JSON : undefined;
}

/** The event, unless it is damaged. */
function readable(...from: Parameters<typeof readLine>): RunEvent | undefined {
  try {
    return readLine(...from);
  } catch {
    return undefined;
  }
}

/** Undefined when it is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

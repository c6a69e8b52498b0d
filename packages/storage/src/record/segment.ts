/**
 * A log is stored in segments: the events of one append, one line for each event. One row for all of them costs a fraction of one row for
 * each, and a damaged line can still be found by its number.
 */
import { EVENT_VERSION, type RunEvent } from '@coppice/core';
import { StoreError } from '../store-error.ts';
import { parseChecks, sumOf, type Checks } from './checks.ts';
import { EVENT_TYPE_OF } from './codes.ts';
import { codeOf, readLine } from './event-line.ts';
import type { FindContent } from './large-values.ts';

export interface Segment {
  /** Sequence number of its first event. */
  readonly firstSeq: number;
  /** Version of the events' schema. */
  readonly version: number;
  /** JSON texts, one a line. */
  readonly lines: string;
  /** Checksums of the lines, see `checks.ts`; null: an older version wrote the segment. */
  readonly checks: string | null;
  /** Texts of tasks that are written beside a TreeCreated event. */
  readonly parts: readonly string[];
  /** Finds large values. */
  readonly find: FindContent;
}

/** A place in a log, and the fault there. */
export interface LogProblem {
  readonly seq: number;
  readonly problem: string;
  /**
   * Set when the only fault is that the last segment was cut off: the last event of the segment before it. The rest of the cut segment can
   * not be used, because the events of an append belong together.
   */
  readonly soundSeq: number | undefined;
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
  /** A text that is on the line of each event that is asked for; the other lines are checked and not parsed. Default: all are parsed. */
  readonly mark?: string;
}

/** The events of consecutive segments. Throws a StoreError that names the first damaged event. */
export function eventsOf(segments: readonly Segment[], range: EventRange): RunEvent[] {
  const { treeId, afterSeq, mark = '' } = range;
  const events: RunEvent[] = [];
  const excerpts = segments.map((segment) => excerptOf(segment, range));
  const values = valuesOf(excerpts, mark);
  let next = 0;
  let expected = 0;
  for (const excerpt of excerpts) {
    const { segment, lines, skipped, endSeq } = excerpt;
    const { firstSeq, version } = segment;
    if (version > EVENT_VERSION) throw damaged(segment, treeId, firstSeq);
    if (firstSeq !== expected && firstSeq > (expected === 0 ? afterSeq + 1 : 0)) {
      throw unreadable(treeId, expected || afterSeq + 1, 'it is missing');
    }
    checkSums(excerpt, treeId);
    expected = endSeq;
    for (let at = 0; at < lines.length; at++) {
      if (!(lines[at] as string).includes(mark)) continue;
      const seq = firstSeq + skipped + at;
      const event = readable(values[next++], { treeId, seq }, segment);
      if (event === undefined) throw damaged(segment, treeId, seq);
      events.push(event);
    }
  }
  return events;
}

/** The lines of a segment that are to be read. */
interface Excerpt {
  readonly segment: Segment;
  /** Number of lines before them. */
  readonly skipped: number;
  readonly lines: readonly string[];
  /** Sequence number with which the next segment begins. */
  readonly endSeq: number;
}

function excerptOf(segment: Segment, { afterSeq, limit }: EventRange): Excerpt {
  const all = segment.lines.split(NEWLINE);
  const skipped = Math.max(afterSeq + 1 - segment.firstSeq, 0);
  const lines = all.slice(skipped, Math.max(afterSeq + limit + 1 - segment.firstSeq, 0));
  return { segment, skipped, lines, endSeq: segment.firstSeq + all.length };
}

/** Parses all lines with the mark: together if they are sound, else one by one, with undefined for a line that is no JSON. */
function valuesOf(excerpts: readonly Excerpt[], mark: string): unknown[] {
  const lines = excerpts.flatMap((excerpt) => excerpt.lines.filter((line) => line.includes(mark)));
  const whole = parsed(`[${lines.join()}]`);
  return Array.isArray(whole) && whole.length === lines.length ? whole : lines.map(parsed);
}

/** Throws for the first line that is not as it was written. */
function checkSums({ segment, skipped, lines, endSeq }: Excerpt, treeId: string): void {
  const checks = parseChecks(segment.checks);
  if (checks === undefined) return;
  for (let at = 0; at < lines.length; at++) {
    const sum = checks.sums[skipped + at];
    if (sum !== undefined && sum !== sumAt(segment, lines[at] as string, skipped + at))
      throw unreadable(treeId, segment.firstSeq + skipped + at, CHANGED);
  }
  if (endSeq < segment.firstSeq + checks.sums.length) throw unreadable(treeId, endSeq, 'it is missing');
}

function sumAt({ firstSeq, parts }: Segment, line: string, at: number): number {
  return sumOf(line, firstSeq + at === 1 ? parts : []);
}

function unreadable(treeId: string, seq: number, problem: string): StoreError {
  return new StoreError('storage/corrupt', `Tree ${treeId}, event ${seq}: ${problem}`);
}

function damaged(segment: Segment, treeId: string, seq: number): StoreError {
  const code = segment.version > EVENT_VERSION ? 'storage/newer' : 'storage/corrupt';
  const line = segment.lines.split(NEWLINE)[seq - segment.firstSeq] ?? '';
  return new StoreError(code, `Tree ${treeId}, event ${seq}: ${problemOf(segment, line, seq) ?? NOT_JSON}`);
}

/** Number of events in a segment. */
function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Checks a whole log. `segments` are in stored order; `expectedSeq` is the last event by the row of the tree. */
export function checkLog(segments: Iterable<Segment>, expectedSeq: number): LogProblem | undefined {
  let last = 0;
  let broken: { readonly segment: Segment; readonly found: Problem } | undefined;
  for (const segment of segments) {
    // A segment follows the broken one, so not only the end of the log is missing.
    if (broken !== undefined) return { ...broken.found, soundSeq: undefined };
    const found = problemIn(segment, last);
    if (found !== undefined) broken = { segment, found };
    last = segment.firstSeq + countLines(segment.lines) - 1;
  }
  if (broken !== undefined) {
    const { segment, found } = broken;
    const soundSeq = isCut(segment, found.seq, expectedSeq) ? segment.firstSeq - 1 : 0;
    return { ...found, soundSeq: soundSeq === 0 ? undefined : soundSeq };
  }
  if (last < expectedSeq) return { ...missing(last + 1, expectedSeq, ' at the end'), soundSeq: undefined };
  if (last > expectedSeq)
    return { seq: last, problem: `the tree's row knows events up to ${expectedSeq} only`, soundSeq: undefined };
  return undefined;
}

type Problem = Omit<LogProblem, 'soundSeq'>;

/** The first fault of a segment that should begin after event `last`. */
function problemIn(segment: Segment, last: number): Problem | undefined {
  const { firstSeq } = segment;
  if (firstSeq <= last) return { seq: last + 1, problem: `event ${firstSeq} is there twice` };
  if (firstSeq > last + 1) return missing(last + 1, firstSeq - 1);
  const checks = parseChecks(segment.checks);
  const lines = segment.lines.split(NEWLINE);
  for (const [at, line] of lines.entries()) {
    const problem = problemOf(segment, line, firstSeq + at) ?? changed(segment, { line, at, checks });
    if (problem !== undefined) return { seq: firstSeq + at, problem };
  }
  const written = checks?.sums.length ?? lines.length;
  return lines.length < written ? missing(firstSeq + lines.length, firstSeq + written - 1) : undefined;
}

function missing(from: number, to: number, where = ''): Problem {
  return { seq: from, problem: `events ${from} to ${to} are missing${where}` };
}

function changed(
  segment: Segment,
  { line, at, checks }: { readonly line: string; readonly at: number; readonly checks: Checks | undefined },
): string | undefined {
  if (checks === undefined || checks.sums[at] === sumAt(segment, line, at)) return undefined;
  return at < checks.sums.length ? CHANGED : 'nobody wrote it here';
}

/** True when the text of the last segment ends too early, inside event `seq`. Without checksums: when this line is not whole. */
function isCut(segment: Segment, seq: number, expectedSeq: number): boolean {
  const { firstSeq, version, lines } = segment;
  const checks = parseChecks(segment.checks);
  const last = firstSeq + countLines(lines) - 1;
  if (version > EVENT_VERSION) return false;
  if (checks === undefined) return seq === expectedSeq && seq === last && !lines.endsWith(']');
  const isWhole = firstSeq + checks.sums.length - 1 === expectedSeq;
  return isWhole && lines.length < checks.length && seq >= last;
}

const CHANGED = 'its checksum does not hold, so it is not as it was written';
const NOT_JSON = 'it is not a whole event in JSON';

function problemOf(segment: Segment, line: string, seq: number): string | undefined {
  const { version } = segment;
  if (version > EVENT_VERSION) {
    return `version ${version} is newer than ${EVENT_VERSION}, which this program knows; update it`;
  }
  const value = parsed(line);
  const code = codeOf(value);
  if (code === undefined) return NOT_JSON;
  if (EVENT_TYPE_OF[code] === undefined) return `unknown type ${code}`;
  if ((seq === 1) !== (EVENT_TYPE_OF[code] === 'TreeCreated')) return 'a log begins with TreeCreated, and has no other';
  try {
    return readLine(value, { treeId: '', seq }, segment) === undefined ? NOT_JSON : undefined;
  } catch (error) {
    return error instanceof StoreError ? error.message : NOT_JSON;
  }
}

/** Reads the event; undefined when it is damaged. */
function readable(...from: Parameters<typeof readLine>): RunEvent | undefined {
  try {
    return readLine(...from);
  } catch {
    return undefined;
  }
}

/** Parses a line; undefined when it is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

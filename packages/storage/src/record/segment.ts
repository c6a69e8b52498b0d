/**
 * A log is kept in segments: the events of one append, a line each. Writing one row for all of them costs a fraction of a row for each,
 * and a damaged line is still found by its number.
 */
import { EVENT_VERSION, type RunEvent } from '@coppice/core';
import { StoreError } from '../store-error.ts';
import { parseChecks, sumOf, type Checks } from './checks.ts';
import { EVENT_TYPE_OF } from './codes.ts';
import { codeOf, readLine } from './event-line.ts';

export interface Segment {
  /** Sequence number of its first event. */
  readonly firstSeq: number;
  /** Version of the events' schema. */
  readonly version: number;
  /** JSON texts, one a line. */
  readonly lines: string;
  /** What guards them, see `checks.ts`; null: an older version wrote the segment. */
  readonly checks: string | null;
  /** Texts of tasks that are written beside a TreeCreated event. */
  readonly parts: readonly string[];
}

/** A place in a log, and what is wrong there. */
export interface LogProblem {
  readonly seq: number;
  readonly problem: string;
  /**
   * Set when nothing is wrong but that the last text of the log was cut off: the last event of the append before it. What is left of an
   * append is of no use, because its events belong together.
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
}

/** Events of segments that follow each other. Throws a StoreError that names the first damaged one. */
export function eventsOf(segments: readonly Segment[], range: EventRange): RunEvent[] {
  const { treeId, afterSeq } = range;
  const events: RunEvent[] = [];
  const excerpts = segments.map((segment) => excerptOf(segment, range));
  const values = valuesOf(excerpts);
  let next = 0;
  let expected = 0;
  for (const excerpt of excerpts) {
    const { segment, lines, skipped, endSeq } = excerpt;
    const { firstSeq, parts, version } = segment;
    if (version > EVENT_VERSION) throw damaged(segment, treeId, firstSeq);
    if (firstSeq !== expected && firstSeq > (expected === 0 ? afterSeq + 1 : 0)) {
      throw unreadable(treeId, expected || afterSeq + 1, 'it is missing');
    }
    checkSums(excerpt, treeId);
    expected = endSeq;
    for (let at = 0; at < lines.length; at++) {
      const seq = firstSeq + skipped + at;
      const event = readable(values[next++], { treeId, seq }, parts);
      if (event === undefined) throw damaged(segment, treeId, seq);
      events.push(event);
    }
  }
  return events;
}

/** The lines of a segment that are asked for. */
interface Excerpt {
  readonly segment: Segment;
  /** Lines before them. */
  readonly skipped: number;
  readonly lines: readonly string[];
  /** Where the next segment begins. */
  readonly endSeq: number;
}

function excerptOf(segment: Segment, { afterSeq, limit }: EventRange): Excerpt {
  const all = segment.lines.split(NEWLINE);
  const skipped = Math.max(afterSeq + 1 - segment.firstSeq, 0);
  const lines = all.slice(skipped, Math.max(afterSeq + limit + 1 - segment.firstSeq, 0));
  return { segment, skipped, lines, endSeq: segment.firstSeq + all.length };
}

/** All lines, parsed: at once if they are sound, else each, undefined for what is none. */
function valuesOf(excerpts: readonly Excerpt[]): unknown[] {
  const lines = excerpts.flatMap((excerpt) => excerpt.lines);
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

/** How many events a segment has. */
function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Checks a whole log; `segments` in stored order, `expectedSeq` is what the tree's row says was written last. */
export function checkLog(segments: Iterable<Segment>, expectedSeq: number): LogProblem | undefined {
  let last = 0;
  let broken: { readonly segment: Segment; readonly found: Problem } | undefined;
  for (const segment of segments) {
    // Something follows what is broken: it is not the tail.
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

/** The first problem of a segment that should go on after event `last`. */
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

/** True when the text of the log's last segment ends in event `seq` before it should. Without checksums: when that is no whole line. */
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

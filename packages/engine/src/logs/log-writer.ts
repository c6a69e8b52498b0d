/**
 * Writes what attempts print into the store. Lines wait for a short time, so that many share a write: until the next commit, a tenth of a
 * second, or a full buffer, whichever comes first. So the lines of an attempt are stored before its end is.
 * A write that fails loses its lines, and nothing else: the numbers of the lines show the gap.
 */
import type { Clock, LogChunk, TaskId, TaskLogs, TreeId } from '@coppice/core';
import { errorText } from '../error-text.ts';
import type { Logger } from '../logger.ts';
import { AttemptLog, type LogOwner } from './attempt-log.ts';

/** Longest time that a line waits, ms. */
const FLUSH_MS = 100;
/** Characters that wait at most before they are written. */
const WAITING_CHARS_MAX = 262_144;
/** Characters that wait at most while a write is under way. What comes on top is lost. */
const HELD_CHARS_MAX = 4_194_304;

/** Characters of texts that are kept, the newest. */
export interface LogLimits {
  readonly maxAttemptChars: number;
  readonly maxTreeChars: number;
}

export const LOG_LIMITS: LogLimits = { maxAttemptChars: 10_000_000, maxTreeChars: 256_000_000 };

export interface LogWriterOptions {
  readonly store: Pick<TaskLogs, 'appendLogs' | 'trimLogs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: LogLimits;
  /** Hides secrets. */
  readonly redact: ((text: string) => string) | undefined;
  /** Called when lines of these tasks of a tree can be read. */
  readonly onWritten: (treeId: TreeId, taskIds: ReadonlySet<TaskId>) => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  /** Attempts with lines that wait. */
  #waiting: AttemptLog[] = [];
  #waitingChars = 0;
  #isWriting = false;
  #isTimed = false;
  #hasFailed = false;
  /** Characters that are stored, by tree. */
  readonly #treeChars = new Map<TreeId, number>();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  open(owner: LogOwner): AttemptLog {
    return new AttemptLog(owner, {
      nowMs: () => this.#options.clock.nowMs(),
      redact: this.#options.redact,
      hasRoom: () => !this.#isWriting || this.#waitingChars < HELD_CHARS_MAX,
      added: (log, chars) => this.#added(log, chars),
    });
  }

  /** Writes what waits, unless a write is under way: then it is written after that. */
  flush(): void {
    if (this.#isWriting || this.#waiting.length === 0) return;
    const logs = this.#waiting;
    this.#waiting = [];
    this.#waitingChars = 0;
    void this.#write(logs.map((log) => ({ log, chunk: log.take() })));
  }

  /** Forgets how much is stored of a tree, because nothing more is written to it for now. */
  forget(treeId: TreeId): void {
    this.#treeChars.delete(treeId);
  }

  #added(log: AttemptLog, chars: number): void {
    if (log.isOnlyLine) this.#waiting.push(log);
    this.#waitingChars += chars;
    if (this.#waitingChars > WAITING_CHARS_MAX) this.flush();
    else this.#setTimer();
  }

  #setTimer(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#options.clock.setTimer(FLUSH_MS, () => {
      this.#isTimed = false;
      this.flush();
    });
  }

  async #write(parts: readonly { readonly log: AttemptLog; readonly chunk: LogChunk }[]): Promise<void> {
    const { store, logger, onWritten } = this.#options;
    this.#isWriting = true;
    try {
      await store.appendLogs(parts.map(({ chunk }) => chunk));
      this.#hasFailed = false;
      for (const { log, chunk } of parts) await this.#limit(log, chunk);
    } catch (error) {
      if (!this.#hasFailed) logger.warn({ error: errorText(error) }, 'What tasks print can not be stored and is lost');
      this.#hasFailed = true;
    }
    this.#isWriting = false;
    for (const [treeId, taskIds] of tasksByTree(parts)) onWritten(treeId, taskIds);
    this.flush();
  }

  /** Drops the oldest lines above the limits. A tenth more than needed goes, so that not every write drops some. */
  async #limit(log: AttemptLog, chunk: LogChunk): Promise<void> {
    const { store, limits } = this.#options;
    const { treeId, taskId, attempt } = chunk;
    const chars = chunk.lines.reduce((sum, { text }) => sum + text.length, 0);
    log.storedChars += chars;
    if (log.storedChars > limits.maxAttemptChars)
      log.storedChars = await store.trimLogs({ treeId, taskId, attempt }, nineTenths(limits.maxAttemptChars));
    const before = this.#treeChars.get(treeId);
    let stored = (before ?? 0) + chars;
    // What a former process stored is not known yet.
    if (before === undefined) stored = await store.trimLogs({ treeId }, limits.maxTreeChars);
    if (stored > limits.maxTreeChars) stored = await store.trimLogs({ treeId }, nineTenths(limits.maxTreeChars));
    this.#treeChars.set(treeId, stored);
  }
}

function tasksByTree(parts: readonly { readonly chunk: LogChunk }[]): ReadonlyMap<TreeId, ReadonlySet<TaskId>> {
  const trees = new Map<TreeId, Set<TaskId>>();
  for (const { chunk } of parts) {
    const tasks = trees.get(chunk.treeId) ?? new Set();
    trees.set(chunk.treeId, tasks.add(chunk.taskId));
  }
  return trees;
}

function nineTenths(chars: number): number {
  return Math.floor(chars * 0.9);
}

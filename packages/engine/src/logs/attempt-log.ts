/** The lines that one attempt writes, until they are stored. */
import type { LogChunk, LogStream, TaskId, TreeId, WrittenLine } from '@coppice/core';
import { LineSplitter } from './line-splitter.ts';

/** What counts for a line beside its text, characters. */
const LINE_CHARS = 24;

/** Whose lines. */
export interface LogOwner {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly attempt: number;
}

interface AttemptLogParts {
  readonly nowMs: () => number;
  readonly redact: ((text: string) => string) | undefined;
  /** False: the line is lost, and so are all others until the next write. */
  readonly hasRoom: () => boolean;
  /** Called when a line waits. */
  readonly added: (log: AttemptLog, chars: number) => void;
}

/** The lines of one attempt. */
export class AttemptLog {
  readonly #owner: LogOwner;
  readonly #parts: AttemptLogParts;
  readonly #splitters = new Map<LogStream, LineSplitter>();
  #lines: WrittenLine[] = [];
  /** Number of the first line that waits. */
  #firstNumber = 1;
  /** Number of the next line. */
  #next = 1;
  storedChars = 0;

  constructor(owner: LogOwner, parts: AttemptLogParts) {
    this.#owner = owner;
    this.#parts = parts;
  }

  get isOnlyLine(): boolean {
    return this.#lines.length === 1;
  }

  /** Adds a piece of a stream. Lines end with a line break. */
  push(stream: LogStream, piece: string | Uint8Array): void {
    let splitter = this.#splitters.get(stream);
    if (splitter === undefined) {
      splitter = new LineSplitter((text) => this.#add(stream, text));
      this.#splitters.set(stream, splitter);
    }
    splitter.push(piece);
  }

  /** Adds a message as one or more lines. */
  add(text: string): void {
    this.push('log', `${text}\n`);
  }

  /** The attempt has ended: its last lines may lack a line break. */
  end(): void {
    for (const splitter of this.#splitters.values()) splitter.end();
  }

  /** Takes the lines that wait. */
  take(): LogChunk {
    const { treeId, taskId, attempt } = this.#owner;
    const chunk: LogChunk = { treeId, taskId, attempt, firstNumber: this.#firstNumber, lines: this.#lines };
    this.#lines = [];
    this.#firstNumber = this.#next;
    return chunk;
  }

  #add(stream: LogStream, given: string): void {
    const { redact, hasRoom, added, nowMs } = this.#parts;
    this.#next += 1;
    if (!hasRoom()) {
      if (this.#lines.length === 0) this.#firstNumber = this.#next;
      return;
    }
    const wellFormed = given.toWellFormed();
    const text = redact === undefined ? wellFormed : redact(wellFormed);
    this.#lines.push({ atMs: nowMs(), stream, text });
    added(this, text.length + LINE_CHARS);
  }
}

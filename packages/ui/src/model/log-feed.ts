/** Reads what a task writes, line by line, for as long as somebody looks: it goes on after the last line when the task runs again. */
import type { Client, LogPage } from '@coppice/client';

export interface LogFeedOptions {
  readonly read: Client['followLogs'];
  readonly taskId: string;
  /** Default: all. */
  readonly attempt?: number | undefined;
  /** Begin with the last so many lines. */
  readonly last: number;
  /** Gets lines in order, each once; the next come when it has resolved. */
  readonly onLines: (lines: LogPage) => void | Promise<void>;
  /** Nothing more comes for now, or reading failed. */
  readonly onPause: (problem: unknown) => void;
}

export class LogFeed {
  readonly #options: LogFeedOptions;
  readonly #stop = new AbortController();
  #isReading = false;
  /** Offset of the last line. */
  #after: number | undefined;

  constructor(options: LogFeedOptions) {
    this.#options = options;
    this.wake();
  }

  /** Reads on, if it does not already: there may be more. */
  wake(): void {
    if (!this.#isReading && !this.#stop.signal.aborted) void this.#read();
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const { read, taskId, attempt, last, onLines, onPause } = this.#options;
    const { signal } = this.#stop;
    this.#isReading = true;
    let problem: unknown;
    try {
      const begin = this.#after === undefined ? { last } : { after: this.#after };
      for await (const lines of read({ taskId, attempt, ...begin, follow: true, signal })) {
        if (signal.aborted) return;
        this.#after = lines.at(-1)?.offset;
        await onLines(lines);
      }
    } catch (error) {
      problem = error;
    }
    this.#isReading = false;
    if (!signal.aborted) onPause(problem);
  }
}

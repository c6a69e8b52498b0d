/** What the engine answers about the lines that tasks write. */
import type { LogLine, Outcome, TaskId } from '@coppice/core';

export interface LogQuery {
  /** A task, or a group: then the lines of all its members count. */
  readonly taskId: TaskId;
  /** Default: all attempts. */
  readonly attempt?: number | undefined;
  /** Only lines after this one; 0: from the beginning. `last`: at most the last so many lines that are there, of a group perhaps more. */
  readonly after: number | { readonly last: number };
  readonly limit: number;
  /** Longest wait for a first line, ms; 0: no wait. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  /** Where the next page begins. */
  readonly nextOffset: number;
  /** True when nothing more comes, unless somebody runs the task again. */
  readonly hasEnded: boolean;
}

export interface LogRequests {
  /** What a task wrote, in the order in which it was stored. Waits for a first line as long as the query says. */
  logs(query: LogQuery): Promise<Outcome<LogPage>>;
}

/**
 * Port: the lines that tasks write while they work, beside the event log. No rule reads them, so a line that is lost changes no run.
 * Faults of the environment are thrown as `TransientError`.
 */
import type { TaskId, TreeId } from '@coppice/extension';

/** `log`: lines of the attempt's logger, and of the executor itself. */
export type LogStream = 'stdout' | 'stderr' | 'log';

export interface WrittenLine {
  /** Epoch ms. */
  readonly atMs: number;
  readonly stream: LogStream;
  readonly text: string;
}

/** Lines that one attempt wrote, one after the other. At least one. */
export interface LogChunk {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly attempt: number;
  /** Number of the first line among those of the attempt, from 1. */
  readonly firstNumber: number;
  readonly lines: readonly WrittenLine[];
}

export interface LogLine extends WrittenLine {
  readonly taskId: TaskId;
  readonly attempt: number;
  /** Place among all lines of the tree, from 1, in the order in which they were stored. */
  readonly offset: number;
  /** Place among the lines of the attempt, from 1. The first lines are missing when they were dropped. */
  readonly number: number;
}

/** Whose lines: those of the whole tree, of a task, or of one attempt. */
export interface LogScope {
  readonly treeId: TreeId;
  readonly taskId?: TaskId | undefined;
  /** Only with `taskId`. */
  readonly attempt?: number | undefined;
}

export interface TaskLogs {
  /** Stores chunks in this order. A chunk of a tree that does not exist is ignored. */
  appendLogs(chunks: readonly LogChunk[]): Promise<void>;
  /** Reads lines in the order of their offsets, only those after `afterOffset`, at most `limit`. */
  readLogs(scope: LogScope, afterOffset: number, limit: number): Promise<readonly LogLine[]>;
  /** The offset after which at most the last `count` lines come; 0: all of them. */
  offsetBeforeLast(scope: LogScope, count: number): Promise<number>;
  /**
   * Drops the oldest chunks until the texts of the rest have at most `keptChars` characters. The newest chunk stays in any case.
   * Answers how many characters the rest has.
   */
  trimLogs(scope: LogScope, keptChars: number): Promise<number>;
}

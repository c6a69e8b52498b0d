/** Why a task is not running, and what limits it, as data. */
import type { BreakerReport, Actor, Hold, RunStatus, TaskId, TaskStatus } from '@coppice/core';

/** Why a task is not running now. `blockedBy` is empty for a task that runs or has ended. */
export interface Explanation {
  readonly taskId: TaskId;
  readonly status: TaskStatus;
  /** One sentence for people. */
  readonly summary: string;
  readonly blockedBy: readonly Blocker[];
  /** Time limits that run for it, the one that ends first at the beginning. */
  readonly limits: readonly RunningLimit[];
}

/** A time limit that runs: of an attempt, of the wait for a start, of the whole task, of a group, or of the run. */
export interface RunningLimit {
  readonly limit: 'task' | 'queue' | 'total' | 'scope' | 'run';
  /** The task, group or root whose limit it is. */
  readonly taskId: TaskId;
  readonly name: string;
  /** Epoch ms. */
  readonly endsAtMs: number;
}

export type Blocker =
  | { readonly kind: 'dependency'; readonly taskId: TaskId; readonly name: string; readonly status: TaskStatus }
  | { readonly kind: 'group'; readonly taskId: TaskId; readonly name: string; readonly status: TaskStatus }
  | {
      readonly kind: 'gate';
      readonly gate: string;
      readonly used: number;
      readonly limit: number;
      /** Units that the task takes. */
      readonly demand: number;
      /** From 1, among the tasks of its tree that wait for the same gates; and their number. */
      readonly place: number;
      readonly waiting: number;
      /** How long the first of them has been ready, ms. */
      readonly oldestWaitMs: number;
      /** Of a breaker: how it is. */
      readonly breaker?: BreakerReport;
    }
  | { readonly kind: 'delay'; readonly dueAtMs: number; readonly reason: 'retry' | 'notBefore' | 'wait' }
  | {
      readonly kind: 'signal';
      readonly signal: string;
      readonly sinceMs: number;
      readonly dueAtMs: number | null;
      /** Users who may answer. Empty: whoever may send the tree a signal. */
      readonly mayAnswer: readonly string[];
    }
  /** A pause of the task, or of one above it. `isReached`: the last attempt in it has ended. */
  | {
      readonly kind: 'pause';
      readonly taskId: TaskId;
      readonly name: string;
      readonly sinceMs: number;
      readonly by?: Actor;
      readonly reason?: string;
      readonly isReached: boolean;
    }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'run'; readonly status: RunStatus };

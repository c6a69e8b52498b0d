/** Signal handlers: what a signal with a certain name makes a run do. */
import type { TaskId, TreeId } from './ids.ts';
import type { TaskError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * A command that a signal gives: one that a person could give as well. `task`: the id of a task of the run, or its key if no other task has it;
 * absent where that is allowed: the whole run. `reason`: at most 1,000 characters.
 */
export type SignalCommand =
  /** Attempts that still run after `drainTimeoutMs` are released; 0: at once. Default: they end by themselves. */
  | { readonly type: 'pause'; readonly task?: string; readonly reason?: string; readonly drainTimeoutMs?: number }
  | { readonly type: 'resume'; readonly task?: string; readonly reason?: string }
  | { readonly type: 'cancel'; readonly task?: string; readonly reason?: string }
  /** The inputs that a task is defined with, as a whole. Only for a task that has not started. */
  | { readonly type: 'update'; readonly task: string; readonly inputs: JsonObject }
  /** Completes the task in the place of its executor. Default output: null; default port: the primary one. */
  | {
      readonly type: 'complete';
      readonly task: string;
      readonly output?: Json;
      readonly port?: string;
      readonly reason?: string;
    }
  | { readonly type: 'skip'; readonly task: string; readonly reason?: string };

/** A signal that has come. */
export interface ReceivedSignal {
  readonly name: string;
  /** As it was sent; nobody has checked it. */
  readonly payload: Json;
}

/** One task of a run, as it is now. */
export interface TaskReading {
  readonly id: TaskId;
  readonly key: string;
  readonly name: string;
  /** The task above it; undefined: it is the root. */
  readonly parentId: TaskId | undefined;
  /** Type of its executor; undefined: it is a group or a wait. */
  readonly executor: string | undefined;
  readonly tags: readonly string[];
  readonly status: 'pending' | 'ready' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled';
  /** Number of the last attempt; 0 before the first. */
  readonly attempt: number;
  /** Resolved input of the last attempt, with placeholders for secrets; undefined before the first. A copy for each reading. */
  readonly input: JsonObject | undefined;
  /** A copy for each reading. Null: it has none. */
  readonly output: Json;
  readonly error: TaskError | undefined;
}

/** A run as it is when the signal comes. */
export interface RunReading {
  readonly treeId: TreeId;
  readonly status: 'running' | 'pausing' | 'paused' | 'created';
  /** Inputs of the run. A copy. */
  readonly inputs: JsonObject;
  /** Tasks of the run, in declared order. */
  readonly tasks: readonly TaskReading[];
}

/**
 * A contributed, pure function of signal and run: the commands that are given, in order, at most 100. It reads no clock, waits for nothing and
 * has 100 ms. The commands are stored with the signal, so it is asked once for each signal. When it throws, returns anything else or
 * takes longer, the signal is rejected with that as its reason, and the run stays as it was.
 */
export type SignalHandlerFunction = (signal: ReceivedSignal, run: RunReading) => readonly SignalCommand[];

/** Handles all signals of one name, of all runs. No task can wait for a signal with this name. */
export interface SignalHandler {
  /** Name of the signals. Unique, not `approval`, and not beginning with `coppice.`. */
  readonly name: string;
  readonly handle: SignalHandlerFunction;
}

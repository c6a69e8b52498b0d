/** Observers: code that follows what has been committed, from its own place in each log. */
import type { TaskId, TreeId } from './ids.ts';

/** A committed event, as the log has it. */
export interface CommittedEvent {
  /** One of those that the reference of `tasks.subscribe` lists, e.g. `TaskCompleted`. New ones may come: pass over what you do not know. */
  readonly type: string;
  /** 1..n without gaps, per tree. */
  readonly seq: number;
  /** Epoch ms; never decreases within a tree. */
  readonly atMs: number;
  /** Absent: the event is about the whole tree. */
  readonly taskId: TaskId | undefined;
  /** The attempt that the event belongs to, from 1. */
  readonly attempt: number | undefined;
  /** What the type says. Not to be changed. */
  readonly data: object;
}

/**
 * Is told every event of every tree, those from before it was installed included: at least once, in order per tree, one at a time.
 *
 * The engine keeps the place in each log durably, under the observer's name, and goes on from there after a restart. An event whose call
 * threw is told again, after 1 s at first and 5 minutes at most; meanwhile the other trees go on. Up to 100 events are told again
 * after a crash. An observer delays no run.
 */
export interface Observer {
  /** Unique. Another name begins from the first event. */
  readonly name: string;
  /** The next event of the tree waits until it resolves. */
  observe(treeId: TreeId, event: CommittedEvent): void | Promise<void>;
}

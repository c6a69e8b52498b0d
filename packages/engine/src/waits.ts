/** The part of the engine's public face that is about waits: signals, answers, and what can be answered. */
import type { Actor, Json, JsonObject, Outcome, TaskId, TreeId } from '@coppice/core';

/** A wait that a signal or an answer can end. */
export interface OpenWait {
  readonly taskId: TaskId;
  readonly treeId: TreeId;
  readonly treeName: string;
  /** Owner of the tree. */
  readonly userId: string;
  readonly name: string;
  readonly kind: 'signal' | 'approval';
  /** Name of the signal. */
  readonly signal: string;
  readonly title: string;
  readonly text: string | null;
  /** JSON Schema of the values of an answer; null: an approval takes none, a wait for a signal takes any. */
  readonly form: JsonObject | null;
  /** Users who may answer; null: the owner of the tree. */
  readonly approvers: readonly string[] | null;
  readonly sinceMs: number;
  /** When it ends by itself; null: it does not. */
  readonly dueAtMs: number | null;
  /** How often people were reminded. */
  readonly reminders: number;
}

/** What became of a signal. */
export interface Delivered {
  /** Its number; null: it had come before, under the same id. */
  readonly signal: number | null;
  /** The task whose wait it ended; null: it waits until a task asks for it. */
  readonly taskId: TaskId | null;
  /** Commands that it gives; null: it gives none. */
  readonly commands: number | null;
  /** Why it was rejected; null: it was not. */
  readonly rejected: string | null;
}

export interface WaitRequests {
  /** Sends a signal to a run; the same `id` twice is one signal. */
  signal(
    treeId: TreeId,
    signal: {
      readonly name: string;
      readonly payload?: Json | undefined;
      readonly id?: string | undefined;
      readonly actor?: Actor | undefined;
    },
  ): Promise<Outcome<Delivered>>;
  /** Answers the wait of one task: an approval with `approved`, a wait for a signal with its payload as `values`. */
  answer(
    taskId: TaskId,
    answer: {
      readonly approved?: boolean | undefined;
      readonly values?: Json | undefined;
      readonly comment?: string | undefined;
      readonly id?: string | undefined;
      readonly actor: Actor;
      /** The actor may answer every wait. */
      readonly isAdmin: boolean;
    },
  ): Promise<Outcome<Delivered>>;
  /** What a task waits for; undefined: nothing that can be answered now. */
  findWait(taskId: TaskId): Promise<OpenWait | undefined>;
  /** Everything that can be answered now. */
  waits(): Promise<readonly OpenWait[]>;
}

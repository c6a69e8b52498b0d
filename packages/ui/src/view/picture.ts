/** A way to draw a run: the graph, the timeline. */
import type { Action, GraphLook, WaitAnswer } from '../view-channel.ts';
import type { Change, RunModel } from '../model/run-model.ts';

/** What a person does in a picture. */
export interface PictureEvents {
  /** Points at a task; undefined: at none. */
  select(taskId: string | undefined): void;
  /** Wants to see the state at an event; undefined: the newest. */
  moveCursor(seq: number | undefined): void;
  act(action: Action, taskId: string): void;
  /** Wants to know why a task does not run. */
  explain(taskId: string): void;
  /** Wants to know what became of a task's dependencies. */
  decide(taskId: string): void;
  answer(taskId: string, answer: WaitAnswer): void;
  /** Wants to see graphs so from now on. */
  choose(look: GraphLook): void;
  /** What `readState` answers has changed. */
  stateChanged(): void;
}

export interface Picture {
  /** Draws what has changed. `nowMs`: the time, for what is running. */
  update(model: RunModel, change: Change, nowMs: number): void;
  /** What it keeps over a reload: zoom, position, what is folded. JSON. */
  readState(): unknown;
  restoreState(state: unknown): void;
  /** Takes everything out of the page. */
  dispose(): void;
}

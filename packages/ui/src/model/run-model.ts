/**
 * One tree as a view knows it: the events that the session sent, the newest state, and the state that is shown.
 * They differ while a cursor points into the past: "state at event n" is the fold of the events up to it.
 */
import { applyEvent, createRunView, estimateOf, foldEvents, setHolds } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import type {
  Action,
  AnswerProblem,
  Freshness,
  SessionMessage,
  TaskDecisions,
  TaskExplanation,
} from '../view-channel.ts';

/** What a message changed: everything, only these tasks, or only what is said about them. */
export type Change =
  | { readonly kind: 'all' }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskView[] }
  | { readonly kind: 'selection'; readonly reveal: boolean }
  | { readonly kind: 'freshness' }
  /** The server has said why a task does not run. */
  | { readonly kind: 'explained' }
  /** The server has said what became of a task's dependencies. */
  | { readonly kind: 'decided' }
  /** The time that is left of the run. */
  | { readonly kind: 'estimate' }
  /** The server took an answer, or says why not. */
  | { readonly kind: 'answered'; readonly taskId: string; readonly problem: AnswerProblem | undefined }
  /** Events are missing: ask for those after `afterSeq`. */
  | { readonly kind: 'gap'; readonly treeId: string; readonly afterSeq: number }
  | { readonly kind: 'none' };

export class RunModel {
  treeId: string | undefined;
  freshness: Freshness = 'offline';
  actions: readonly Action[] = [];
  selectedId: string | undefined;
  /** The event whose state is shown; undefined: the newest. */
  cursor: number | undefined;
  /** What the server said last of why a task does not run. */
  explained: ({ readonly taskId: string } & TaskExplanation) | undefined;
  /** What the server said last of what became of a task's dependencies. */
  decided: TaskDecisions | undefined;
  /** The state that is shown. */
  shown: RunView = createRunView();
  readonly #events: RunEvent[] = [];
  #newest: RunView = this.shown;

  /** All events there are, also those after the cursor. */
  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** The newest state, whatever the cursor. */
  get newest(): RunView {
    return this.#newest;
  }

  get selected(): TaskView | undefined {
    return this.selectedId === undefined ? undefined : this.shown.tasks.get(this.selectedId);
  }

  receive(message: SessionMessage): Change {
    switch (message.type) {
      case 'tree':
        this.#reset(message.treeId);
        this.freshness = message.freshness;
        this.actions = message.actions;
        return { kind: 'all' };
      case 'events':
        return this.#receiveEvents(message.treeId, message.afterSeq, message.events);
      case 'freshness':
        this.freshness = message.freshness;
        return { kind: 'freshness' };
      case 'selection':
        this.selectedId = message.taskId;
        return { kind: 'selection', reveal: message.reveal };
      case 'cursor':
        return this.#moveCursor(message.seq);
      case 'estimate':
        this.#newest.eta = estimateOf(message.estimate, Date.now());
        return { kind: 'estimate' };
      case 'holds': {
        const tasks = setHolds(this.#newest, message.items);
        return { kind: 'tasks', tasks: this.cursor === undefined ? tasks : [] };
      }
      case 'decided':
        this.decided = message.decisions;
        return { kind: 'decided' };
      case 'explained':
        this.explained = message;
        return { kind: 'explained' };
      case 'answered':
        return { kind: 'answered', taskId: message.taskId, problem: message.problem };
    }
  }

  #reset(treeId: string): void {
    this.treeId = treeId;
    this.selectedId = undefined;
    this.cursor = undefined;
    this.explained = undefined;
    this.decided = undefined;
    this.#events.length = 0;
    this.#newest = createRunView();
    this.shown = this.#newest;
  }

  #receiveEvents(treeId: string, afterSeq: number, events: readonly RunEvent[]): Change {
    if (treeId !== this.treeId) return { kind: 'none' };
    if (afterSeq > this.#newest.seq) return { kind: 'gap', treeId, afterSeq: this.#newest.seq };
    const isFirst = this.#newest.seq === 0;
    this.#newest.changed.clear();
    for (const event of events) {
      if (event.seq <= this.#newest.seq) continue;
      applyEvent(this.#newest, event);
      this.#events.push(event);
    }
    if (isFirst) return { kind: 'all' };
    // The state at the cursor does not change, but the number of events does.
    return { kind: 'tasks', tasks: this.cursor === undefined ? [...this.#newest.changed] : [] };
  }

  #moveCursor(seq: number | undefined): Change {
    const cursor = seq === undefined || seq >= this.#newest.seq ? undefined : Math.max(1, seq);
    if (cursor === this.cursor) return { kind: 'none' };
    this.cursor = cursor;
    this.shown = cursor === undefined ? this.#newest : foldEvents(this.#events.slice(0, cursor));
    return { kind: 'all' };
  }
}

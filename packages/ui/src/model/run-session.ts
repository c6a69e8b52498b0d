/**
 * The session of one tree: sends events to all views of the tree, and keeps what the views share, the selection and the cursor.
 *
 * 1. A hidden view is sent nothing; when it is seen again it gets all that it missed in one message.
 * 2. Events are sent in bundles, so that a fast run costs a view a few messages a second.
 * 3. The view that proposes a selection gets it back like every other view, so that all show the same.
 */
import type { HoldList, OpenTree, RunView, TaskView, Freshness as StoreFreshness } from '@coppice/client';
import { foldEvents, setHolds } from '@coppice/client';
import type { Hold } from '@coppice/protocol';
import type {
  Action,
  Estimate,
  Freshness,
  SessionMessage,
  TaskDecisions,
  TaskExplanation,
  ViewMessage,
  WaitAnswer,
} from '../view-channel.ts';
import { answerProblem } from './error-text.ts';

/** Where messages to one view go. */
export interface ViewPort {
  post(message: SessionMessage): void;
}

/** One attached view. */
export interface AttachedView {
  receive(message: ViewMessage): void;
  setVisible(isVisible: boolean): void;
  detach(): void;
}

/** Tells how fresh the log is, and how far the run: what no event says. */
export interface RunSource {
  readonly freshness: StoreFreshness;
  /** Answers the function that ends the listening. */
  onFreshness(listener: (freshness: StoreFreshness) => void): () => void;
  find(treeId: string): { readonly progress: Estimate | undefined } | undefined;
  /** The same for changes of what `find` answers. */
  onTrees(listener: () => void): () => void;
}

export interface RunSessionOptions {
  readonly store: RunSource;
  readonly open: OpenTree;
  /** What views may offer. */
  readonly actions: readonly Action[];
  /** What is held on the server; undefined: nothing ever. */
  readonly holds?: Pick<HoldList, 'items' | 'onChange'>;
  /** Says why a task does not run; undefined: nobody can. */
  readonly explain?: (taskId: string) => Promise<TaskExplanation>;
  /** Says what became of a task's dependencies right after an event; undefined: now. */
  readonly decide?: (treeId: string, taskId: string, seq: number | undefined) => Promise<TaskDecisions>;
  /** Answers what a task waits for; undefined: nobody can. */
  readonly answer?: (taskId: string, answer: WaitAnswer) => Promise<void>;
  /** How long events are collected before they are sent, ms. Default 60. */
  readonly bundleMs?: number;
}

/** A change that a session reports to its listeners. */
export interface SessionListener {
  selected?(taskId: string | undefined, options: { readonly isByView: boolean }): void;
  cursorMoved?(seq: number | undefined): void;
  /** What is held has changed, and with it how these tasks look. */
  held?(tasks: readonly TaskView[]): void;
  acted?(action: Action, taskId: string): void;
}

interface View {
  readonly port: ViewPort;
  isReady: boolean;
  isVisible: boolean;
  sentSeq: number;
}

const BUNDLE_MS = 60;
const UNKNOWN: Estimate = { etaMs: null, etaBasis: null };

export class RunSession {
  readonly #options: RunSessionOptions;
  readonly #views = new Set<View>();
  readonly #listeners = new Set<SessionListener>();
  readonly #ignore: readonly (() => void)[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #selectedId: string | undefined;
  #cursor: number | undefined;
  #past: RunView | undefined;
  #estimate: Estimate = UNKNOWN;

  constructor(options: RunSessionOptions) {
    this.#options = options;
    const { store, open, holds } = options;
    this.#ignore = [
      open.log.onEvents(() => this.#sendSoon()),
      store.onFreshness(() => this.#broadcast({ type: 'freshness', freshness: this.#freshness })),
      store.onTrees(() => this.#estimated()),
      ...(holds === undefined ? [] : [holds.onChange(() => this.#hold())]),
    ];
    setHolds(open.log.view, this.#heldNow);
  }

  get treeId(): string {
    return this.#options.open.log.treeId;
  }

  get selectedId(): string | undefined {
    return this.#selectedId;
  }

  /** The event whose state is shown; undefined: the newest. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** The state that is shown: the newest, or that at the cursor. */
  get shown(): RunView {
    return this.#past ?? this.#options.open.log.view;
  }

  get selected(): TaskView | undefined {
    return this.#selectedId === undefined ? undefined : this.shown.tasks.get(this.#selectedId);
  }

  /** Answers the function that ends the listening. */
  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  attach(port: ViewPort): AttachedView {
    const view: View = { port, isReady: false, isVisible: true, sentSeq: 0 };
    this.#views.add(view);
    return {
      receive: (message) => this.#receive(view, message),
      setVisible: (isVisible) => {
        view.isVisible = isVisible;
        if (isVisible && view.isReady) this.#catchUp(view);
      },
      detach: () => this.#views.delete(view),
    };
  }

  /** `reveal`: views bring it into their window. */
  select(taskId: string | undefined, { reveal = true, isByView = false } = {}): void {
    if (taskId === this.#selectedId) return;
    this.#selectedId = taskId;
    this.#broadcast({ type: 'selection', taskId, reveal });
    for (const listener of this.#listeners) listener.selected?.(taskId, { isByView });
  }

  /** Shows the state at an event; undefined: the newest. */
  moveCursor(seq: number | undefined): void {
    const { events } = this.#options.open.log;
    const cursor = seq === undefined || seq >= events.length ? undefined : Math.max(1, seq);
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#past = cursor === undefined ? undefined : foldEvents(events.slice(0, cursor));
    this.#broadcast({ type: 'cursor', seq: cursor });
    for (const listener of this.#listeners) listener.cursorMoved?.(cursor);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const ignore of this.#ignore) ignore();
    this.#views.clear();
    this.#listeners.clear();
    this.#options.open.close();
  }

  get #heldNow(): readonly Hold[] {
    return this.#options.holds?.items ?? [];
  }

  #hold(): void {
    const tasks = setHolds(this.#options.open.log.view, this.#heldNow);
    this.#broadcast({ type: 'holds', items: this.#heldNow });
    for (const listener of this.#listeners) listener.held?.(tasks);
  }

  get #freshness(): Freshness {
    return FRESHNESS[this.#options.store.freshness];
  }

  #receive(view: View, message: ViewMessage): void {
    switch (message.type) {
      case 'ready':
        this.#greet(view);
        break;
      case 'resync':
        view.sentSeq = message.afterSeq;
        this.#send(view);
        break;
      case 'select':
        this.select(message.taskId, { isByView: true });
        break;
      case 'cursor':
        this.moveCursor(message.seq);
        break;
      case 'act':
        for (const listener of this.#listeners) listener.acted?.(message.action, message.taskId);
        break;
      case 'explain':
        void this.#explain(view, message.taskId);
        break;
      case 'decide':
        void this.#decide(view, message.taskId);
        break;
      case 'answer':
        void this.#answer(view, message.taskId, message.answer);
        break;
      case 'look':
        // The pictures' own business, and that of whoever remembers it.
        break;
    }
  }

  /** A server that is busy or gone is no news here: the view says nothing then. */
  async #explain(view: View, taskId: string): Promise<void> {
    const explained = await this.#options.explain?.(taskId).catch(() => undefined);
    if (explained !== undefined && view.isVisible) view.port.post({ type: 'explained', taskId, ...explained });
  }

  async #decide(view: View, taskId: string): Promise<void> {
    const decisions = await this.#options.decide?.(this.treeId, taskId, this.#cursor).catch(() => undefined);
    if (decisions !== undefined && view.isVisible) view.port.post({ type: 'decided', decisions });
  }

  async #answer(view: View, taskId: string, answer: WaitAnswer): Promise<void> {
    const { answer: send } = this.#options;
    if (send === undefined) return;
    const problem = await send(taskId, answer).then(() => undefined, answerProblem);
    view.port.post({ type: 'answered', taskId, problem });
  }

  /** Sends everything to a view that is new, or that was hidden or reloaded. */
  #greet(view: View): void {
    view.isReady = true;
    view.sentSeq = 0;
    const { actions } = this.#options;
    view.port.post({ type: 'tree', treeId: this.treeId, freshness: this.#freshness, actions });
    this.#catchUp(view);
  }

  /** Sends all that a view does not know yet. */
  #catchUp(view: View): void {
    this.#send(view);
    view.port.post({ type: 'freshness', freshness: this.#freshness });
    view.port.post({ type: 'selection', taskId: this.#selectedId, reveal: this.#selectedId !== undefined });
    view.port.post({ type: 'cursor', seq: this.#cursor });
    if (this.#options.holds !== undefined) view.port.post({ type: 'holds', items: this.#heldNow });
    this.#estimate = this.#options.store.find(this.treeId)?.progress ?? UNKNOWN;
    if (this.#estimate.etaMs !== null) view.port.post({ type: 'estimate', estimate: this.#estimate });
  }

  /** Counts change many times a second, and views fold them themselves; an estimate is sent when it is another one. */
  #estimated(): void {
    const { etaMs, etaBasis } = this.#options.store.find(this.treeId)?.progress ?? UNKNOWN;
    if (etaMs === this.#estimate.etaMs && etaBasis === this.#estimate.etaBasis) return;
    this.#estimate = { etaMs, etaBasis };
    this.#broadcast({ type: 'estimate', estimate: this.#estimate });
  }

  #sendSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const view of this.#views) this.#send(view);
    }, this.#options.bundleMs ?? BUNDLE_MS);
  }

  #send(view: View): void {
    const { events } = this.#options.open.log;
    if (!view.isReady || !view.isVisible || view.sentSeq >= events.length) return;
    const afterSeq = view.sentSeq;
    view.sentSeq = events.length;
    view.port.post({ type: 'events', treeId: this.treeId, afterSeq, events: events.slice(afterSeq) });
  }

  #broadcast(message: SessionMessage): void {
    for (const { port, isReady, isVisible } of this.#views) if (isReady && isVisible) port.post(message);
  }
}

const FRESHNESS: Readonly<Record<StoreFreshness, Freshness>> = {
  live: 'live',
  stale: 'stale',
  connecting: 'reconnecting',
  reconnecting: 'reconnecting',
  offline: 'offline',
  failed: 'offline',
};

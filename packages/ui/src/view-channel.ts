/**
 * What a view (graph, timeline) and the session that it shows say to each other. The session is in the editor or in the web page.
 *
 * 1. The session sends events; the view folds them itself. The first delivery after `ready` holds the whole log, so one message makes
 *    a view complete that was hidden or reloaded. A hidden view gets no messages.
 * 2. Deliveries continue each other by sequence number. A view that finds a gap asks with `resync`.
 * 3. The session keeps selection and cursor: a view only proposes them, and shows what it is told.
 */
import type { Graph, Hold, Params, Progress, RunEvent } from '@coppice/protocol';

/** How fresh what is shown is. */
export type Freshness = 'live' | 'reconnecting' | 'stale' | 'offline';

/** From the session to a view. */
export type SessionMessage =
  /** Another tree: forget everything about the one before. */
  | {
      readonly type: 'tree';
      readonly treeId: string;
      readonly freshness: Freshness;
      readonly actions: readonly Action[];
    }
  /** Events after `afterSeq`, without a gap between them. */
  | {
      readonly type: 'events';
      readonly treeId: string;
      readonly afterSeq: number;
      readonly events: readonly RunEvent[];
    }
  | { readonly type: 'freshness'; readonly freshness: Freshness }
  /** undefined: nothing is selected. `reveal`: bring it into view. */
  | { readonly type: 'selection'; readonly taskId: string | undefined; readonly reveal: boolean }
  /** Show the state at this event; undefined: the newest. */
  | { readonly type: 'cursor'; readonly seq: number | undefined }
  /** The time that is left of the run, as the server estimates it now. */
  | { readonly type: 'estimate'; readonly estimate: Estimate }
  /** What is held on the server now. */
  | { readonly type: 'holds'; readonly items: readonly Hold[] }
  /** Why a task does not run, in the server's words. */
  | ({ readonly type: 'explained'; readonly taskId: string } & TaskExplanation)
  /** What became of a task's dependencies, and what the run holds at gates. */
  | { readonly type: 'decided'; readonly decisions: TaskDecisions }
  /** The server took the answer of a wait; or `problem`: why not. */
  | { readonly type: 'answered'; readonly taskId: string; readonly problem: AnswerProblem | undefined };

/** From a view to the session. */
export type ViewMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'resync'; readonly treeId: string; readonly afterSeq: number }
  | { readonly type: 'select'; readonly taskId: string | undefined }
  | { readonly type: 'cursor'; readonly seq: number | undefined }
  | { readonly type: 'act'; readonly action: Action; readonly taskId: string }
  /** Wants to know why a task does not run. */
  | { readonly type: 'explain'; readonly taskId: string }
  /** Wants to know what became of a task's dependencies at the moment that is shown. */
  | { readonly type: 'decide'; readonly taskId: string }
  /** Answers what a task waits for. */
  | { readonly type: 'answer'; readonly taskId: string; readonly answer: WaitAnswer }
  /** The picture of a graph that was chosen: the host may show others so too. */
  | { readonly type: 'look'; readonly look: GraphLook };

export type Estimate = Pick<Progress, 'etaMs' | 'etaBasis'>;

/** Why a task does not run. */
export interface TaskExplanation {
  readonly summary: string;
  /** Of a wait: whether this user may answer it. Undefined: the task waits for no answer. */
  readonly mayAnswer?: boolean | undefined;
}

/** One task of `tasks.graph`, with the gates of its run. */
export interface TaskDecisions {
  readonly taskId: string;
  readonly edges: Graph['items'][number]['edges'];
  readonly gates: Graph['gates'];
}

/** What `waits.answer` takes, besides the task. */
export type WaitAnswer = Pick<Params<'waits.answer'>, 'approved' | 'values' | 'comment'>;

/** Why an answer was not taken: in words, and each place in the answer with what is wrong there. */
export interface AnswerProblem {
  readonly text: string;
  readonly places: readonly { readonly path: readonly (string | number)[]; readonly reason: string }[];
}

/** The two pictures of a tree: boxes in boxes with arrows from left to right, or members to the right of what they belong to. */
export type GraphLook = 'flow' | 'tree';

/** What a person can ask for at a task. Which actions are offered follows from the server's methods. */
export type Action =
  | 'execute'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'complete'
  | 'skip'
  | 'retry'
  | 'copy'
  | 'delete'
  | 'explain'
  /** Answering a wait; it goes as a message of its own, because it carries what was typed. */
  | 'answer'
  | 'openDetails'
  | 'openInput'
  | 'openOutput'
  | 'openError'
  | 'openLog'
  | 'save'
  | 'openAttempts'
  | 'openEvents'
  | 'openDefinition';

/** The channel that a view is given. */
export interface ViewChannel {
  send(message: ViewMessage): void;
  /** Answers the function that ends the listening. */
  onMessage(listener: (message: SessionMessage) => void): () => void;
  /** What the view keeps over a reload: navigation and looks only, never data. */
  readState(): unknown;
  writeState(state: unknown): void;
}

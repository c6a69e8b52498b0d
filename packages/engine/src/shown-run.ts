/** What the engine shows of a run: its graph, its progress, its figures. */
import type {
  Dependency,
  EdgeDecision,
  GateUse,
  HeldUnits,
  Outcome,
  RunStatus,
  Span,
  TaskId,
  TaskState,
  TaskStatus,
  TaskTime,
  TimeSpent,
  TreeId,
} from '@coppice/core';

/** A query for the graph of a run. */
export interface GraphQuery {
  /** The moment right after this event. It must not be after the last event of the log. Default: now. */
  readonly seq?: number | undefined;
  /** Only tasks declared after this position. */
  readonly after?: number | undefined;
  /** Only these tasks. Default: all. */
  readonly only?: readonly TaskId[] | undefined;
  /** Most tasks and edges together. One task comes with all its edges in any case. */
  readonly limit: number;
}

/** Tasks of a run with what became of their dependencies, and the gates that the run has to do with, at one moment. */
export interface GraphPage {
  readonly treeId: TreeId;
  readonly seq: number;
  readonly atMs: number;
  readonly status: RunStatus;
  readonly taskCount: number;
  /** In declared order. */
  readonly items: readonly GraphTask[];
  readonly gates: readonly GraphGate[];
  /** Value of `after` for the next page; absent on the last page. */
  readonly next?: number;
}

/** A task of a graph. `edges`: its dependencies, in declared order. */
export interface GraphTask extends Readonly<
  Pick<TaskState, 'definition' | 'status' | 'attempt' | 'selected' | 'winner' | 'reason'>
> {
  readonly edges: readonly GraphEdge[];
}

export interface GraphEdge extends EdgeDecision {
  readonly source: TaskId;
  readonly dependency: Dependency;
}

/** `use`: of all runs together; only of the present moment. */
export interface GraphGate extends HeldUnits {
  readonly use?: Pick<GateUse, 'used' | 'waiting'>;
}

/** Progress of a run: (terminal tasks) / (selected tasks). */
export interface RunProgress {
  readonly treeId: TreeId;
  readonly seq: number;
  readonly status: RunStatus;
  readonly total: number;
  readonly counts: Readonly<Record<TaskStatus, number>>;
  /** 0 to 1. */
  readonly fraction: number;
  /** Estimated ms to the end; null while unknown. */
  readonly etaMs: number | null;
  readonly etaBasis: TimeLeft['basis'] | null;
  /** Set where somebody asked for these groups. */
  readonly groups?: readonly GroupProgress[];
}

/** Time to the end of a run, ms, and the bound that it is: all work shared by what runs now, or the longest chain of tasks. */
export interface TimeLeft {
  readonly etaMs: number;
  readonly basis: 'work' | 'criticalPath';
}

/** How far the tasks below a task are. Tasks that the run does not execute do not count. */
export interface GroupProgress {
  readonly taskId: TaskId;
  readonly total: number;
  readonly counts: Readonly<Record<TaskStatus, number>>;
  /** 0 to 1: those that have ended, of all. */
  readonly fraction: number;
}

/** Figures of a run (R-PR-11). */
export interface RunFigures {
  readonly progress: RunProgress;
  /** From its start to its end, or until now, ms; null: it has not started. */
  readonly tookMs: number | null;
  /** Average time of the last attempts of its tasks that completed, ms; null: none has. */
  readonly averageTaskMs: number | null;
  /** By type of executor, in the order of its tasks. */
  readonly queues: readonly RunQueue[];
}

/** What a run has to do with one type of executor. */
export interface RunQueue {
  readonly executor: string;
  /** Tasks that wait for their turn at a gate. */
  readonly ready: number;
  readonly running: number;
  /** Tasks that have not ended, the running ones included. */
  readonly open: number;
  /** Moving average over all runs since the engine was started, ms; null: unknown. */
  readonly averageMs: number | null;
}

/** A query for where the time of a run went. */
export interface TimesQuery {
  /** Up to the moment right after this event. It must not be after the last event of the log. Default: until now. */
  readonly seq?: number | undefined;
  /** Tasks with the most of this come first. Default: with the most time of their own, which is all but that for dependencies. */
  readonly by?: Span | undefined;
  /** Most tasks. */
  readonly limit: number;
}

/** Where the time of a run went. Groups have none: their time is that of their members. */
export interface RunTimes {
  readonly treeId: TreeId;
  readonly seq: number;
  readonly status: RunStatus;
  /** From its start to its end, or until the moment, ms; null: it has not started. */
  readonly tookMs: number | null;
  /** Of all tasks together, ms. */
  readonly spent: TimeSpent;
  readonly items: readonly TaskTime[];
  /** All tasks that have spent any time. */
  readonly total: number;
}

/** A query for the difference of two moments, each right after an event. */
export interface DiffQuery {
  readonly from: number;
  /** Default: the last event. */
  readonly to?: number | undefined;
  /** Most tasks. */
  readonly limit: number;
}

/** A moment of a run. */
export interface Moment {
  readonly seq: number;
  readonly atMs: number;
  readonly status: RunStatus;
}

/** The tasks of a run that differ between two moments. */
export interface RunDiff {
  readonly treeId: TreeId;
  readonly from: Moment;
  readonly to: Moment;
  /** Those of the later moment in declared order, then those that have left the run. */
  readonly items: readonly TaskDifference[];
  readonly total: number;
}

/** A task that differs. */
export interface TaskDifference {
  readonly taskId: TaskId;
  readonly name: string;
  /** null: it was not there. */
  readonly before: TaskStand | null;
  /** null: it has left. */
  readonly after: TaskStand | null;
  /** What is another of a task that is in both. */
  readonly changed: readonly (
    'status' | 'attempt' | 'input' | 'output' | 'port' | 'error' | 'reason' | 'waiting' | 'definition'
  )[];
}

interface TaskStand {
  readonly status: TaskStatus;
  readonly attempt: number;
}

/** The part of the engine's public face that shows any moment of a run. */
export interface PastRequests {
  /** The graph of a run at any moment, page by page. Pages fit together when all have the `seq` of the first. */
  graph(treeId: TreeId, query: GraphQuery): Promise<Outcome<GraphPage>>;
  /** Where the time of a run went, up to a moment or until now. Folds the log. */
  times(treeId: TreeId, query: TimesQuery): Promise<Outcome<RunTimes>>;
  /** The tasks of a run that differ between two moments of its log. */
  diff(treeId: TreeId, query: DiffQuery): Promise<Outcome<RunDiff>>;
}

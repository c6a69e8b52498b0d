/**
 * What a run looks like at one event of its log: the fold of its events (`apply-event.ts`) into what a person wants to see.
 * The only picture of a run that clients have: "state at event n" is the fold of the first n events.
 *
 * 1. Each group knows how many of its descendants run, wait, have ended or failed.
 * 2. `changed` holds every task that may look different than before, until it is cleared by who shows it.
 */
import { isGroup } from './kind.ts';
import type { HeldNow } from './holds.ts';
import type { PauseView } from './pauses.ts';
import type {
  Actor,
  CutPart,
  EventOf,
  FailureLadder,
  Json,
  JsonObject,
  RunStatus,
  TaskError,
  TaskStatus,
} from '@coppice/protocol';

type TreeDefinition = EventOf<'TreeCreated'>['data']['definition'];

/** Failures that did not fail the run: how many, and the first of them with who dealt with each. */
export type ToleratedFailures = NonNullable<EventOf<'RunCompleted'>['data']['tolerated']>;

/** Signals that nobody has consumed: how many, and the first of them. */
export type UnreadSignals = NonNullable<EventOf<'RunCompleted'>['data']['unread']>;
/** How what was done in a run was undone. */
export type Compensation = NonNullable<EventOf<'RunFailed'>['data']['compensation']>;
/** What a run ended with, beside its status. */
export type RunResult = NonNullable<EventOf<'RunCompleted'>['data']['result']>;

/** A task as it was defined, or last updated. */
export type TaskDefinition = TreeDefinition['tasks'][number];

/** Why a task was skipped or completed by hand, or a task or run cancelled. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  /** Who did that; absent: nobody, or the event does not say. */
  readonly by?: Actor;
}

/** Why a task waits, and until when. */
export interface Waiting {
  /** For the attempt after one that failed or was interrupted; for its time; or because to wait is what it is there for. */
  readonly for: 'retry' | 'restart' | 'delay' | 'wait';
  /** Epoch ms at which it began to. */
  readonly sinceMs: number;
  /** Epoch ms; undefined: until a signal comes. */
  readonly untilMs: number | undefined;
  /** True: a pause moves `untilMs` on. */
  readonly isSpan: boolean;
  /** Name of the signal that it waits for. */
  readonly signal?: string | undefined;
  /** How often people were reminded. */
  readonly reminders?: number;
}

/** One task as shown. */
export interface TaskView {
  readonly id: string;
  definition: TaskDefinition;
  readonly parent: TaskView | undefined;
  readonly children: TaskView[];
  status: TaskStatus;
  /** Number of the last attempt; 0 before the first. */
  attempt: number;
  /** Resolved input of the last attempt. */
  input: JsonObject | undefined;
  output: Json | undefined;
  /** Texts of the output that are not whole. */
  cut: readonly CutPart[] | undefined;
  /** Output port that was taken. */
  port: string | undefined;
  error: TaskError | undefined;
  reason: Reason | undefined;
  readyAtMs: number | undefined;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** The event that ended it: tells which of two ended first. */
  endedSeq: number | undefined;
  /** Set exactly while it waits. */
  waiting: Waiting | undefined;
  /** Of the task itself and all below it. */
  pause: PauseView | undefined;
  /** What is held on the server, the same for all tasks of the run. */
  readonly held: HeldNow;
  /** 0 to 1, as the executor reported it. */
  progress: number | undefined;
  message: string | undefined;
  /** A failure that something handles. */
  isHandled: boolean;
  /** What was done about its failure, once the run has failed with it. */
  ladder: FailureLadder | undefined;
  /** Carried over by a copy, not run again. */
  isReused: boolean;
  /** True: the run does not execute the task, or it was deleted. */
  isLeftOut: boolean;
  isDeleted: boolean;
  /** Its executor has made it a group, by adding tasks. */
  isExpanded: boolean;
  /** Descendants that the run executes, by what is worth knowing about them. */
  readonly inside: Tally;
}

/** Counts of tasks. */
export interface Tally {
  total: number;
  ended: number;
  running: number;
  waiting: number;
  failed: number;
}

/** A run as shown. */
export interface RunView {
  root: TaskView | undefined;
  readonly tasks: Map<string, TaskView>;
  /** The last event folded in; 0 before the first. */
  seq: number;
  status: RunStatus;
  definition: TreeDefinition | undefined;
  /** Inputs of the run. */
  inputs: JsonObject;
  /** The whole run's tasks; the root included. */
  readonly tally: Tally;
  readonly changed: Set<TaskView>;
  /** Tasks that are paused with their sub-trees, each until it is resumed by itself. */
  readonly paused: Set<TaskView>;
  /** What is held on the server now. No event says it: whoever knows sets it (`setHolds`). */
  readonly held: HeldNow;
  /** Time of the last event. */
  atMs: number | undefined;
  createdAtMs: number | undefined;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** Time between its ends and its re-openings, ms: nothing ran then. */
  closedMs: number;
  error: TaskError | undefined;
  /** Why the run was cancelled. */
  reason: Reason | undefined;
  /** Once it has ended: signals that nobody has consumed. */
  unread: UnreadSignals | undefined;
  /** Once it has ended: how what was done in it was undone. */
  compensation: Compensation | undefined;
  /** Once it has ended: failures that did not fail it. */
  tolerated: ToleratedFailures | undefined;
  /** Once it has ended: what it ended with, beside its status. */
  result: RunResult | undefined;
  /** Estimated ms to the end, when that was estimated, and from what. No event says it: whoever gets the progress of the run sets it. */
  eta: { readonly etaMs: number; readonly atMs: number; readonly basis: 'work' | 'criticalPath' } | undefined;
}

export function createRunView(): RunView {
  return {
    root: undefined,
    tasks: new Map(),
    seq: 0,
    status: 'created',
    definition: undefined,
    inputs: {},
    tally: emptyTally(),
    changed: new Set(),
    paused: new Set(),
    held: { items: [] },
    atMs: undefined,
    createdAtMs: undefined,
    startedAtMs: undefined,
    endedAtMs: undefined,
    closedMs: 0,
    error: undefined,
    reason: undefined,
    compensation: undefined,
    tolerated: undefined,
    unread: undefined,
    result: undefined,
    eta: undefined,
  };
}

function emptyTally(): Tally {
  return { total: 0, ended: 0, running: 0, waiting: 0, failed: 0 };
}

/** Takes the tasks of a new tree in. */
export function addTasks(view: RunView, definitions: readonly TaskDefinition[]): void {
  plant(view, definitions);
  countAll(view);
}

/** Takes tasks in that have come into the run: what is above them counts them. Parents are declared first, or were there. */
export function grow(view: RunView, definitions: readonly TaskDefinition[], isLeftOut: boolean): void {
  plant(view, definitions);
  for (const { id } of definitions) {
    const task = view.tasks.get(id);
    if (task === undefined) continue;
    task.isLeftOut = isLeftOut;
    count(view, task, 1);
  }
}

/** Takes tasks out that have left the run. */
export function takeOut(view: RunView, ids: readonly string[]): void {
  const parents = new Set<TaskView>();
  for (const id of ids) {
    const task = view.tasks.get(id);
    if (task === undefined) continue;
    leaveOut(view, task);
    task.isDeleted = true;
    view.tasks.delete(id);
    if (task.parent !== undefined) parents.add(task.parent);
  }
  for (const { children } of parents) {
    const kept = children.filter((task) => !task.isDeleted || view.tasks.has(task.id));
    children.splice(0, children.length, ...kept);
  }
}

/** Makes the tasks, and links them with their parents. */
function plant(view: RunView, definitions: readonly TaskDefinition[]): void {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  // A parent may be declared after its children: parents are made first, without recursion.
  for (const { id } of definitions) {
    const missing: TaskDefinition[] = [];
    for (let at = byId.get(id); at !== undefined && !view.tasks.has(at.id); at = byId.get(at.parentId ?? ''))
      missing.push(at);
    for (const definition of missing.toReversed()) add(view, definition);
  }
  for (const { id } of definitions) {
    const task = view.tasks.get(id);
    task?.parent?.children.push(task);
  }
}

/** Counts all tasks in, members before what encloses them: each hands its sum on once, however deep the tree is. */
function countAll(view: RunView): void {
  for (const task of view.tasks.values()) view.changed.add(task);
  for (const task of [...view.tasks.values()].toReversed()) {
    const own = emptyTally();
    addTo(own, task, 1);
    for (const key of TALLIED) {
      view.tally[key] += own[key];
      if (task.parent !== undefined) task.parent.inside[key] += own[key] + task.inside[key];
    }
  }
}

const TALLIED = ['total', 'ended', 'running', 'waiting', 'failed'] as const satisfies readonly (keyof Tally)[];

function add(view: RunView, definition: TaskDefinition): void {
  const parent = definition.parentId === undefined ? undefined : view.tasks.get(definition.parentId);
  const task = newTask(definition, { parent, held: view.held });
  view.tasks.set(task.id, task);
  if (parent === undefined) view.root = task;
}

function newTask(definition: TaskDefinition, { parent, held }: Pick<TaskView, 'parent' | 'held'>): TaskView {
  const { settled } = definition;
  return {
    id: definition.id,
    definition,
    parent,
    children: [],
    status: settled?.status ?? 'pending',
    attempt: settled?.attempt ?? 0,
    input: undefined,
    output: settled?.output,
    cut: settled?.cut,
    port: settled?.port,
    error: settled?.error,
    reason: settled?.reason,
    readyAtMs: undefined,
    startedAtMs: settled?.startedAt === undefined ? undefined : Date.parse(settled.startedAt),
    endedAtMs: settled?.endedAt === undefined ? undefined : Date.parse(settled.endedAt),
    endedSeq: undefined,
    waiting: undefined,
    pause: undefined,
    held,
    progress: undefined,
    message: undefined,
    isHandled: false,
    ladder: undefined,
    isReused: settled?.reused ?? false,
    isLeftOut: false,
    isDeleted: false,
    isExpanded: false,
    inside: emptyTally(),
  };
}

/** Leaves out all that the run does not execute. */
export function selectOnly(view: RunView, selection: readonly string[]): void {
  const selected = new Set(selection);
  for (const task of view.tasks.values()) if (!selected.has(task.id)) leaveOut(view, task);
}

/** Takes in what the run executes from now on as well. */
export function selectToo(view: RunView, selection: readonly string[]): void {
  for (const id of selection) {
    const task = view.tasks.get(id);
    if (task?.isLeftOut !== true || task.isDeleted) continue;
    task.isLeftOut = false;
    count(view, task, 1);
  }
}

/** Counts a task, and its effect on every group above, no longer. */
export function leaveOut(view: RunView, task: TaskView): void {
  if (task.isLeftOut) return;
  count(view, task, -1);
  task.isLeftOut = true;
}

/** The only way to change a status: it keeps all counts right. */
export function setStatus(view: RunView, task: TaskView, status: TaskStatus): void {
  count(view, task, -1);
  task.status = status;
  count(view, task, 1);
}

/** Its executor has made the task a group, or it is tried again. */
export function setExpanded(view: RunView, task: TaskView, isExpanded: boolean): void {
  if (task.isExpanded === isExpanded) return;
  count(view, task, -1);
  task.isExpanded = isExpanded;
  count(view, task, 1);
}

/** Counts a task in or out, for the run and for every enclosing task. */
function count(view: RunView, task: TaskView, by: 1 | -1): void {
  view.changed.add(task);
  // The progress of a run does not count what undoes its work.
  if (task.isLeftOut || task.definition.compensates !== undefined) return;
  for (let at: TaskView | undefined = task; at !== undefined; at = at.parent) {
    if (at !== task) view.changed.add(at);
    addTo(at === task ? view.tally : at.inside, task, by);
  }
}

function addTo(tally: Tally, { status, definition, isExpanded }: TaskView, by: 1 | -1): void {
  tally.total += by;
  if (isEnded(status)) tally.ended += by;
  if (status === 'waiting') tally.waiting += by;
  // A group runs and fails as its members do: only they count.
  if (isExpanded || isGroup(definition)) return;
  if (status === 'running') tally.running += by;
  if (status === 'failed') tally.failed += by;
}

/** Counts of a run's tasks as its author counts them: a root that only holds the others is none. */
export function runTally({ root, tally }: RunView): Tally {
  return root === undefined || !isGroup(root.definition) ? tally : root.inside;
}

/** True for a status that a task leaves only by a re-opening. */
export function isEnded(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

/** True for a status that a run leaves only by a re-opening. */
export function isRunEnded(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'continued';
}

/** True for a run that has started and not ended. */
export function isRunUnderWay(status: RunStatus): boolean {
  return status === 'running' || status === 'pausing' || status === 'paused';
}

/** How long the run took, or has taken until now, without the time between an end and its re-opening. Undefined: it has not started. */
export function runDurationMs(
  { startedAtMs, endedAtMs, closedMs }: Pick<RunView, 'startedAtMs' | 'endedAtMs' | 'closedMs'>,
  nowMs: number,
): number | undefined {
  return startedAtMs === undefined ? undefined : Math.max((endedAtMs ?? nowMs) - startedAtMs - closedMs, 0);
}

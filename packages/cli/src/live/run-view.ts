/**
 * What a watched run looks like now: the fold of its events (`apply-event.ts`) into what a person wants to see.
 * Each group knows how many of its descendants run, wait, have ended or failed.
 */
import type { EventOf, Json, RunStatus, TaskError, TaskStatus } from '@coppice/protocol';

/** One task as shown. */
export interface TaskView {
  readonly id: string;
  name: string;
  /** Undefined: a group. */
  readonly executor: string | undefined;
  readonly parent: TaskView | undefined;
  readonly children: TaskView[];
  status: TaskStatus;
  attempt: number;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** While waiting: when it becomes ready. */
  dueAtMs: number | undefined;
  /** 0 to 1, as the executor reported it. */
  progress: number | undefined;
  message: string | undefined;
  error: TaskError | undefined;
  /** Why it was skipped or cancelled. */
  reason: string | undefined;
  output: Json | undefined;
  /** A failure that something handles. */
  isHandled: boolean;
  isReused: boolean;
  /** Not part of what the run executes, or deleted. */
  isLeftOut: boolean;
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

function emptyTally(): Tally {
  return { total: 0, ended: 0, running: 0, waiting: 0, failed: 0 };
}

/** A watched run. */
export interface RunView {
  root: TaskView | undefined;
  readonly tasks: Map<string, TaskView>;
  status: RunStatus;
  /** The whole run's tasks; the root included. */
  readonly tally: Tally;
  startedAtMs: number | undefined;
  endedAtMs: number | undefined;
  error: TaskError | undefined;
  /** Why the run was cancelled. */
  reason: string | undefined;
  /** Estimated ms to the end, and when it was estimated. */
  eta: { readonly etaMs: number; readonly atMs: number } | undefined;
}

export function createRunView(): RunView {
  return {
    root: undefined,
    tasks: new Map(),
    status: 'created',
    tally: emptyTally(),
    startedAtMs: undefined,
    endedAtMs: undefined,
    error: undefined,
    reason: undefined,
    eta: undefined,
  };
}

type Definition = EventOf<'TreeCreated'>['data']['definition']['tasks'][number];

/** Takes the tasks of a new tree in. */
export function addTasks(view: RunView, definitions: readonly Definition[]): void {
  const parents = new Map(definitions.map((definition) => [definition.id, definition.parentId]));
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  const add = (definition: Definition): TaskView => {
    const parent = definition.parentId === undefined ? undefined : view.tasks.get(definition.parentId);
    const task = newTask(definition, parent);
    view.tasks.set(task.id, task);
    if (parent === undefined) view.root = task;
    return task;
  };
  // A parent may be declared after its children: parents are made first, without recursion.
  for (const { id } of definitions) {
    const missing: string[] = [];
    for (let at: string | undefined = id; at !== undefined && !view.tasks.has(at); at = parents.get(at))
      missing.push(at);
    for (const missingId of missing.toReversed()) {
      const definition = byId.get(missingId);
      if (definition !== undefined) add(definition);
    }
  }
  for (const { id } of definitions) {
    const task = view.tasks.get(id);
    if (task !== undefined) attach(view, task);
  }
}

function attach(view: RunView, task: TaskView): void {
  task.parent?.children.push(task);
  count(view, task, 1);
}

function newTask(definition: Definition, parent: TaskView | undefined): TaskView {
  const { settled } = definition;
  return {
    id: definition.id,
    name: definition.name,
    executor: definition.executor,
    parent,
    children: [],
    status: settled?.status ?? 'pending',
    attempt: settled?.attempt ?? 0,
    startedAtMs: settled?.startedAt === undefined ? undefined : Date.parse(settled.startedAt),
    endedAtMs: settled?.endedAt === undefined ? undefined : Date.parse(settled.endedAt),
    dueAtMs: undefined,
    progress: undefined,
    message: undefined,
    error: settled?.error,
    reason: undefined,
    output: settled?.output,
    isHandled: false,
    isReused: settled?.reused ?? false,
    isLeftOut: false,
    inside: emptyTally(),
  };
}

/** Leaves out what the run does not execute; undefined: it executes everything. */
export function select(view: RunView, selection: readonly string[] | undefined): void {
  if (selection === undefined) return;
  const selected = new Set(selection);
  for (const task of view.tasks.values()) {
    if (!selected.has(task.id)) leaveOut(view, task);
    else if (task.isLeftOut) {
      task.isLeftOut = false;
      count(view, task, 1);
    }
  }
}

/** Counts a task, and its effect on every group above, no longer. */
export function leaveOut(view: RunView, task: TaskView | undefined): void {
  if (task === undefined || task.isLeftOut) return;
  count(view, task, -1);
  task.isLeftOut = true;
}

/** The only way to change a status: it keeps all counts right. */
export function setStatus(view: RunView, task: TaskView, status: TaskStatus): void {
  if (task.isLeftOut) {
    task.status = status;
    return;
  }
  count(view, task, -1);
  task.status = status;
  count(view, task, 1);
}

/** Counts a task in or out, for the run and for every enclosing task. */
function count(view: RunView, task: TaskView, by: 1 | -1): void {
  if (task.isLeftOut) return;
  for (let at: TaskView | undefined = task; at !== undefined; at = at.parent) {
    const tally = at === task ? view.tally : at.inside;
    tally.total += by;
    if (isEnded(task.status)) tally.ended += by;
    if (task.status === 'waiting') tally.waiting += by;
    // A group runs and fails as its members do: only they count.
    if (task.executor === undefined) continue;
    if (task.status === 'running') tally.running += by;
    if (task.status === 'failed') tally.failed += by;
  }
}

/** True for a status that a task leaves only by a re-opening. */
export function isEnded(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
}

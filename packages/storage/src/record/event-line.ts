/**
 * How an event is written in a file: one line of JSON, `[type, at, task, attempt, data, more]`. Type and sequence number are numbers
 * (the latter counted from the first line of its segment); ids that begin with the tree's id are cut short; `more` is the list of ready
 * tasks, or of a TreeCreated event the tasks (or how many there are, when they are written beside it).
 */
import type { EventData, EventOf, RunEvent, TaskId, TreeDefinition } from '@coppice/core';
import { EVENT_CODES, EVENT_TYPE_OF } from './codes.ts';
import { createdTasks, type TaskLine } from './creation-text.ts';

export type EventLine = readonly [
  type: number,
  atMs: number,
  task: string | null,
  attempt: number | null,
  data: object,
  more?: readonly string[] | readonly TaskLine[] | number,
];

/** One line. `parts`, of a TreeCreated event: the texts of its tasks; one alone is written into the line. */
export function eventLine(event: RunEvent, treeId: string, parts: readonly string[] = []): string {
  const { type, atMs, taskId, attempt } = event;
  const task = taskId === undefined ? 'null' : JSON.stringify(shortId(taskId, treeId));
  const head = `[${EVENT_CODES[type]},${atMs},${task},${attempt ?? 'null'},`;
  if (type === 'TreeCreated') {
    const [only = '0'] = parts;
    return `${head}${JSON.stringify(creationData(event))},${parts.length === 1 ? only : parts.length}]`;
  }
  const { ready } = event.data as { readonly ready?: readonly TaskId[] };
  if (ready === undefined) return `${head}${JSON.stringify(event.data)}]`;
  const data = type === 'TaskCompleted' ? bareCompletion(event.data) : { ...event.data, ready: undefined };
  return `${head}${JSON.stringify(data)},${JSON.stringify(ready.map((id) => shortId(id, treeId)))}]`;
}

function bareCompletion({ output, port, secrets, cut, dead }: EventData['TaskCompleted']): object {
  return port === undefined && secrets === undefined && cut === undefined && dead === undefined
    ? { output }
    : { output, port, secrets, cut, dead };
}

function creationData({ data }: EventOf<'TreeCreated'>): object {
  const { treeId: _, tasks: __, ...definition } = data.definition;
  return { ...data, definition };
}

/** The event on a line; undefined when it is none. `parts`: texts of tasks that are written beside it. May throw for a damaged one. */
export function readLine(
  line: unknown,
  place: { readonly treeId: string; readonly seq: number },
  parts: readonly string[],
): RunEvent | undefined {
  if (!isEventLine(line)) return undefined;
  const { treeId, seq } = place;
  const [code, atMs, task, attempt, data, more] = line;
  const type = EVENT_TYPE_OF[code];
  if (type === undefined) return undefined;
  const whole = type === 'TreeCreated' ? createdData(data, more, { treeId, parts }) : withReady(data, more, treeId);
  if (whole === undefined) return undefined;
  return {
    type,
    seq,
    atMs,
    taskId: task === null ? undefined : longId(task, treeId),
    attempt: attempt ?? undefined,
    data: whole,
  } as unknown as RunEvent;
}

/** The data with the ready tasks in it; it was just parsed and belongs to nobody else. */
function withReady(data: { ready?: readonly TaskId[] }, more: EventLine[5], treeId: string): object {
  if (Array.isArray(more)) data.ready = (more as readonly string[]).map((id) => longId(id, treeId));
  return data;
}

function createdData(
  data: object,
  more: EventLine[5],
  { treeId, parts }: { readonly treeId: string; readonly parts: readonly string[] },
): object | undefined {
  if (typeof more === 'number' && more !== parts.length) return undefined;
  const lines = Array.isArray(more)
    ? (more as readonly TaskLine[])
    : parts.flatMap((part) => JSON.parse(part) as readonly TaskLine[]);
  const { definition } = data as { readonly definition: Omit<TreeDefinition, 'treeId' | 'tasks'> };
  return { ...data, definition: { treeId, tasks: createdTasks(treeId, lines), ...definition } };
}

function isEventLine(line: unknown): line is EventLine {
  if (!Array.isArray(line)) return false;
  const data: unknown = line[4];
  return typeof line[0] === 'number' && typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** The type's code of a line that may be damaged; undefined when it has none. */
export function codeOf(line: unknown): number | undefined {
  const code: unknown = Array.isArray(line) ? line[0] : undefined;
  return typeof code === 'number' ? code : undefined;
}

const DOT = 46;

/** Cuts the tree's id off: `''` is the tree's own, what follows it begins with a dot, and what begins so by itself gets a backslash. */
export function shortId(id: string, treeId: string): string {
  if (id === treeId) return '';
  if (id.charCodeAt(treeId.length) === DOT && id.startsWith(treeId)) return id.slice(treeId.length);
  return id === '' || id.startsWith('.') || id.startsWith('\\') ? `\\${id}` : id;
}

/** The id that was cut short. */
export function longId(short: string, treeId: string): TaskId {
  if (short === '') return treeId as TaskId;
  if (short.charCodeAt(0) === DOT) return `${treeId}${short}` as TaskId;
  return (short.startsWith('\\') ? short.slice(1) : short) as TaskId;
}

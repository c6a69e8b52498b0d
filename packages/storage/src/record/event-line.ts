/**
 * The text of an event in a file: one line of JSON, `[type, at, task, attempt, data, more, actor, contents]`. The type is a code. The sequence number follows
 * from the number of the line. Ids that begin with the id of the tree are shortened. `more` is the list of ready tasks; in a TreeCreated
 * event it is the list of tasks, or their number when their texts are written beside the event. `actor` is there for few events: user and
 * face. `contents` is there for events with large values, and says where these stand.
 */
import type { Actor, EventData, EventOf, RunEvent, TaskId, TreeDefinition } from '@coppice/core';
import { EVENT_CODES, EVENT_TYPE_OF } from './codes.ts';
import { addedTasks, addedText } from './added-text.ts';
import { createdTasks, type TaskLine } from './creation-text.ts';
import { areReferences, putBack, type ContentReference, type FindContent } from './large-values.ts';
import { longId, shortId } from './short-id.ts';

export type EventLine = readonly [
  type: number,
  atMs: number,
  task: string | null,
  attempt: number | null,
  data: object,
  more?: readonly string[] | readonly TaskLine[] | number | null,
  actor?: readonly [userId: string, face: Actor['face']] | null,
  contents?: readonly ContentReference[],
];

export interface LineExtras {
  /** Texts of the tasks of a TreeCreated event. A single text is written into the line. */
  readonly parts?: readonly string[];
  /** Where values stand that were taken out of the event. */
  readonly contents?: readonly ContentReference[];
}

export function eventLine(event: RunEvent, treeId: string, { parts = [], contents }: LineExtras = {}): string {
  const { type, atMs, taskId, attempt } = event;
  const task = taskId === undefined ? 'null' : JSON.stringify(shortId(taskId, treeId));
  const head = `[${EVENT_CODES[type]},${atMs},${task},${attempt ?? 'null'},`;
  if (type === 'TreeCreated') {
    const [only = '0'] = parts;
    return `${head}${JSON.stringify(creationData(event))},${parts.length === 1 ? only : parts.length}${endOf(event)}`;
  }
  const { ready } = event.data as { readonly ready?: readonly TaskId[] };
  const data = dataText(event);
  const end = endOf(event, contents);
  if (ready === undefined) return `${head}${data}${end === ']' ? end : `,null${end}`}`;
  return `${head}${data},${JSON.stringify(ready.map((id) => shortId(id, treeId)))}${end}`;
}

/** The data without what became ready. */
function dataText(event: Exclude<RunEvent, EventOf<'TreeCreated'>>): string {
  if (event.type === 'TaskCompleted') return JSON.stringify(bareCompletion(event.data));
  if (event.type === 'TaskOpened' && event.data.added !== undefined) {
    const { added, ...data } = event.data;
    const text = JSON.stringify({ ...data, ready: undefined });
    return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"added":${addedText(added, event.taskId)}}`;
  }
  return JSON.stringify('ready' in event.data ? { ...event.data, ready: undefined } : event.data);
}

function endOf({ actor }: RunEvent, contents?: readonly ContentReference[]): string {
  const who = actor === undefined ? 'null' : JSON.stringify([actor.userId, actor.face]);
  if (contents !== undefined) return `,${who},${JSON.stringify(contents)}]`;
  return actor === undefined ? ']' : `,${who}]`;
}

/** The data without what the line says elsewhere. Most completions have only an output, which needs no copy of the other fields. */
function bareCompletion(data: EventData['TaskCompleted']): object {
  for (const field in data) if (field !== 'output' && field !== 'ready') return { ...data, ready: undefined };
  return { output: data.output };
}

function creationData({ data }: EventOf<'TreeCreated'>): object {
  const { treeId: _, tasks: __, ...definition } = data.definition;
  return { ...data, definition };
}

/** A text that is on each line of an event of the task. */
export function taskMark(taskId: string, treeId: string): string {
  return `,${JSON.stringify(shortId(taskId, treeId))},`;
}

/** What belongs to a line and stands elsewhere. */
export interface LineSources {
  /** Texts of tasks beside the line. */
  readonly parts: readonly string[];
  readonly find: FindContent;
}

/** Reads the event of a line; undefined when the line is no event. Throws a StoreError where its content can not be had; may throw for a damaged line. */
export function readLine(
  line: unknown,
  place: { readonly treeId: string; readonly seq: number },
  { parts, find }: LineSources,
): RunEvent | undefined {
  if (!isEventLine(line)) return undefined;
  const { treeId, seq } = place;
  const [code, atMs, task, attempt, data, more, actor, contents] = line;
  const type = EVENT_TYPE_OF[code];
  if (type === undefined) return undefined;
  const taskId = task === null ? undefined : longId(task, treeId);
  if (contents !== undefined) {
    if (!areReferences(contents)) return undefined;
    putBack(data, contents, find);
  }
  if (type === 'TaskOpened') restoreAdded(data, taskId as TaskId);
  const whole = type === 'TreeCreated' ? createdData(data, more, { treeId, parts }) : withReady(data, more, treeId);
  if (whole === undefined) return undefined;
  return {
    type,
    seq,
    atMs,
    taskId,
    attempt: attempt ?? undefined,
    data: whole,
    ...(actor === undefined || actor === null ? undefined : { actor: { userId: actor[0], face: actor[1] } }),
  } as unknown as RunEvent;
}

/** Adds the ready tasks to the data, in place. That is safe, because the data was just parsed. */
function withReady(data: { ready?: readonly TaskId[] }, more: EventLine[5], treeId: string): object {
  if (Array.isArray(more)) data.ready = (more as readonly string[]).map((id) => longId(id, treeId));
  return data;
}

/** Makes definitions of the texts of new tasks, in place, too. */
function restoreAdded(data: { added?: Parameters<typeof addedTasks>[0] }, groupId: TaskId): void {
  if (data.added !== undefined) data.added = addedTasks(data.added, groupId);
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

/** The code of the type on a line that may be damaged; undefined when there is none. */
export function codeOf(line: unknown): number | undefined {
  const code: unknown = Array.isArray(line) ? line[0] : undefined;
  return typeof code === 'number' ? code : undefined;
}

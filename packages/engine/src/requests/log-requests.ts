/** Reads what tasks wrote, and waits for more of it. */
import {
  isRunTerminal,
  isTerminal,
  type LogLine,
  type LogScope,
  type Outcome,
  type TaskId,
  type TaskLogs,
  type TaskRecord,
  type TreeIndex,
} from '@coppice/core';
import type { LogPage, LogQuery, LogRequests } from '../logs/log-query.ts';
import type { EngineParts } from '../engine-parts.ts';
import { notFound } from './run-requests.ts';

/** Requests that wait at the same time. Later ones are answered at once. */
const WAITING_MAX = 1_000;
/** Where another process writes, nothing tells of new lines: they are looked for after this time, ms. */
const POLL_MS = 250;
/** Lines that one search for the members of a group reads. */
const SEARCHED_LINES = 10_000;
/** Characters of one answer. */
const ANSWER_CHARS_MAX = 1_000_000;

interface Reading {
  readonly scope: LogScope;
  /** Whose lines count, when the task is a group in its tree; undefined: all of the scope. */
  readonly members: Members | undefined;
}

/** The tasks below a group. They are asked for one by one, because most tasks of a tree write no line. */
class Members {
  readonly #store: Pick<TreeIndex, 'findTask'>;
  /** No task is ever moved, so an answer stays right. */
  readonly #known = new Map<TaskId, boolean>();

  constructor(store: Pick<TreeIndex, 'findTask'>, group: TaskId) {
    this.#store = store;
    this.#known.set(group, true);
  }

  async has(taskId: TaskId): Promise<boolean> {
    const known = this.#known.get(taskId);
    if (known !== undefined) return known;
    const parentId = (await this.#store.findTask(taskId))?.parentId ?? null;
    const isMember = parentId !== null && (await this.has(parentId));
    this.#known.set(taskId, isMember);
    return isMember;
  }

  /** The lines of these tasks. */
  async pick(lines: readonly LogLine[]): Promise<readonly LogLine[]> {
    const picked: LogLine[] = [];
    for (const line of lines) if (await this.has(line.taskId)) picked.push(line);
    return picked;
  }
}

export function createLogRequests(parts: EngineParts): LogRequests {
  const { store, clock, logWatch } = parts;
  return {
    async logs(query): Promise<Outcome<LogPage>> {
      const untilMs = clock.nowMs() + (logWatch.size < WAITING_MAX ? query.waitMs : 0);
      const task = await store.findTask(query.taskId);
      if (task === undefined) return notFound(query.taskId);
      const reading = await readingOf(parts, task, query);
      const { treeId, taskId } = reading.scope;
      const watched = { treeId, taskId };
      for (;;) {
        // Both begin before the read, so that nothing that comes meanwhile is missed.
        const leftMs = Math.max(untilMs - clock.nowMs(), 0);
        const watch = logWatch.begin(watched, Math.min(leftMs, isWriter(parts) ? leftMs : POLL_MS));
        query.signal?.addEventListener('abort', watch.wake);
        try {
          const hasEnded = await hasEndedOf(parts, query);
          const page = await read(parts, reading, query);
          const isLast = hasEnded && !page.hasMore;
          const isOver = leftMs === 0 || logWatch.isClosed || query.signal?.aborted === true;
          if (page.lines.length > 0 || page.hasMore || isLast || isOver)
            return { ok: true, value: { lines: page.lines, nextOffset: page.nextOffset, hasEnded: isLast } };
          await watch.changed;
        } finally {
          query.signal?.removeEventListener('abort', watch.wake);
          watch.end();
        }
      }
    },
  };
}

/** False in a process that only reads the store. */
function isWriter({ kernel }: EngineParts): boolean {
  return kernel.isAdmitting;
}

async function readingOf(parts: EngineParts, task: TaskRecord, { attempt }: LogQuery): Promise<Reading> {
  const { store } = parts;
  const { id, treeId, parentId } = task;
  if (!(await hasMembers(parts, task))) return { scope: { treeId, taskId: id, attempt }, members: undefined };
  return { scope: { treeId }, members: parentId === null ? undefined : new Members(store, id) };
}

/** Of a run that is loaded, memory says it: a store has to look at all tasks of the tree. */
async function hasMembers({ store, kernel }: EngineParts, { id, treeId }: TaskRecord): Promise<boolean> {
  const loaded = kernel.loadedRuns.find(treeId)?.state.byId.get(id);
  return loaded === undefined ? (await store.listChildren(id)).length > 0 : loaded.children.length > 0;
}

interface ReadLines {
  readonly lines: readonly LogLine[];
  readonly nextOffset: number;
  readonly hasMore: boolean;
}

async function read(
  { store }: EngineParts,
  { scope, members }: Reading,
  { after, limit }: LogQuery,
): Promise<ReadLines> {
  const afterOffset = await beginOf(store, { scope, members }, after);
  const size = members === undefined ? limit : SEARCHED_LINES;
  const found = await store.readLogs(scope, afterOffset, size);
  const ours = members === undefined ? found : await members.pick(found);
  const lines = ours.slice(0, Math.min(limit, countWithin(ours, ANSWER_CHARS_MAX)));
  const isWhole = lines.length === ours.length;
  const nextOffset = (isWhole ? found.at(-1)?.offset : lines.at(-1)?.offset) ?? afterOffset;
  return { lines, nextOffset, hasMore: !isWhole || found.length === size };
}

function beginOf(store: TaskLogs, { scope, members }: Reading, after: LogQuery['after']): number | Promise<number> {
  if (typeof after === 'number') return after;
  return members === undefined ? store.offsetBeforeLast(scope, after.last) : 0;
}

/** How many lines have at most so many characters together, at least one. */
function countWithin(lines: readonly LogLine[], charsMax: number): number {
  let chars = 0;
  const over = lines.findIndex(({ text }) => (chars += text.length) > charsMax);
  return over < 0 ? lines.length : Math.max(over, 1);
}

/** True when nothing is written any more unless somebody asks for another run of it. */
async function hasEndedOf({ store }: EngineParts, { taskId, attempt }: LogQuery): Promise<boolean> {
  const task = await store.findTask(taskId);
  if (task === undefined || isTerminal(task.status)) return true;
  const tree = await store.findTree(task.treeId);
  if (tree === undefined || tree.status === 'created' || isRunTerminal(tree.status)) return true;
  return attempt !== undefined && (task.attempt > attempt || (task.attempt === attempt && task.status !== 'running'));
}

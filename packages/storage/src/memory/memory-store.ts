/**
 * The store in memory, for tests and for runs that need not survive their process.
 * It keeps JSON texts and parses them for every answer, so a caller that changes what it gave or got changes nothing here.
 */
import type {
  Page,
  RunAppend,
  RunEvent,
  Snapshot,
  Store,
  TaskFilter,
  TaskId,
  TaskListItem,
  TaskRecord,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { INCOMPLETE_CODES } from '../record/codes.ts';
import { checkLog, eventOf, type LogProblem } from '../record/event-row.ts';
import { checkInteger, cursorText, placeOf } from '../record/page.ts';
import { listItem, taskRecord, treeRecord, UNTOUCHED, type ListRow } from '../record/rows.ts';
import { isSound, SNAPSHOTS_KEPT } from '../record/snapshots.ts';
import { StoreError } from '../store-error.ts';
import { listedStatus, listRows } from './listing.ts';
import type { MemoryTask, MemoryTree } from './memory-tree.ts';
import { keyName, prepareAppend, type PreparedPart } from './prepare-append.ts';

export class MemoryStore implements Store {
  /** In order of creation. */
  readonly #trees = new Map<string, MemoryTree>();
  readonly #tasks = new Map<string, MemoryTask>();
  /** Tree by user and idempotency key. */
  readonly #keys = new Map<string, string>();
  readonly #snapshots = new Map<string, Snapshot[]>();
  readonly #cursors = new Map<string, Map<string, number>>();
  #lastNo = 0;
  #isOpen = false;

  async open(): Promise<void> {
    this.#isOpen = true;
  }

  /** What is stored stays: the store can be opened again. */
  async close(): Promise<void> {
    this.#isOpen = false;
  }

  async append(batch: readonly RunAppend[]): Promise<void> {
    this.#check();
    for (const part of prepareAppend(batch, { trees: this.#trees, tasks: this.#tasks, keys: this.#keys }))
      this.#put(part);
  }

  async deleteTree(treeId: TreeId): Promise<boolean> {
    this.#check();
    const tree = this.#trees.get(treeId);
    if (tree === undefined) return false;
    for (const task of tree.tasks) if (task !== undefined) this.#tasks.delete(task.definition.id);
    if (tree.idempotencyKey !== undefined) this.#keys.delete(keyName(tree.row.userId, tree.idempotencyKey));
    this.#trees.delete(treeId);
    this.#snapshots.delete(treeId);
    this.#cursors.delete(treeId);
    return true;
  }

  async readEvents(treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]> {
    this.#check();
    checkInteger('afterSeq', afterSeq, 0);
    checkInteger('limit', limit, 0);
    const events = this.#trees.get(treeId)?.events ?? [];
    return events.slice(afterSeq, afterSeq + limit).map((row) => eventOf(row, treeId));
  }

  async verifyLog(treeId: TreeId): Promise<LogProblem | undefined> {
    this.#check();
    const tree = this.#trees.get(treeId);
    return tree === undefined ? undefined : checkLog(tree.events, tree.row.seq);
  }

  async saveSnapshot({ treeId, seq, version, state, checksum }: Snapshot): Promise<void> {
    this.#check();
    const others = (this.#snapshots.get(treeId) ?? []).filter((snapshot) => snapshot.seq !== seq);
    const all = [...others, { treeId, seq, version, state, checksum }].toSorted((a, b) => b.seq - a.seq);
    this.#snapshots.set(treeId, all.slice(0, SNAPSHOTS_KEPT));
  }

  async loadSnapshot(treeId: TreeId): Promise<Snapshot | undefined> {
    this.#check();
    const sound = this.#snapshots.get(treeId)?.find(isSound);
    return sound === undefined ? undefined : { ...sound };
  }

  async deleteSnapshots(treeId: TreeId): Promise<void> {
    this.#check();
    this.#snapshots.delete(treeId);
  }

  async findTree(treeId: TreeId): Promise<TreeRecord | undefined> {
    this.#check();
    const tree = this.#trees.get(treeId);
    return tree === undefined ? undefined : treeRecord(tree.row);
  }

  async findTask(taskId: TaskId): Promise<TaskRecord | undefined> {
    this.#check();
    const task = this.#tasks.get(taskId);
    return task === undefined ? undefined : recordOf(task);
  }

  async findExisting(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    this.#check();
    return ids.filter((id) => this.#tasks.has(id));
  }

  async listTasks(treeId: TreeId): Promise<readonly TaskRecord[]> {
    this.#check();
    return tasksOf(this.#trees.get(treeId)).map(recordOf);
  }

  async listChildren(taskId: TaskId): Promise<readonly TaskRecord[]> {
    this.#check();
    const siblings = tasksOf(this.#tasks.get(taskId)?.tree);
    return siblings.filter(({ definition }) => definition.parentId === taskId).map(recordOf);
  }

  async listCopies(taskId: TaskId): Promise<readonly TaskId[]> {
    this.#check();
    return [...this.#trees.values()]
      .flatMap((tree) => tasksOf(tree))
      .filter(({ definition }) => definition.originalTaskId === taskId)
      .map(({ definition }) => definition.id as TaskId);
  }

  async list(
    filter: TaskFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<TaskListItem>> {
    this.#check();
    checkInteger('limit', page.limit, 1);
    const shown: ListRow[] = [];
    for (const row of listRows(
      this.#trees.values(),
      filter,
      page.cursor === undefined ? undefined : placeOf(page.cursor),
    )) {
      const last = shown.at(-1);
      if (shown.length === page.limit && last !== undefined)
        return { items: shown.map(listItem), nextCursor: cursorText(last) };
      shown.push(row);
    }
    return { items: shown.map(listItem) };
  }

  async count(filter: TaskFilter): Promise<Readonly<Record<string, number>>> {
    this.#check();
    const counts: Record<string, number> = {};
    for (const row of listRows(this.#trees.values(), filter)) {
      const status = listedStatus(row, filter);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  async findByIdempotencyKey(userId: string, key: string): Promise<TreeId | undefined> {
    this.#check();
    return this.#keys.get(keyName(userId, key)) as TreeId | undefined;
  }

  async listIncomplete(): Promise<readonly TreeId[]> {
    this.#check();
    return [...this.#trees.values()]
      .filter(({ row }) => INCOMPLETE_CODES.includes(row.status))
      .map(({ row }) => row.id as TreeId);
  }

  async loadCursor(subscriberId: string, treeId: TreeId): Promise<number> {
    this.#check();
    return this.#cursors.get(treeId)?.get(subscriberId) ?? 0;
  }

  async saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void> {
    this.#check();
    const cursors = this.#cursors.get(treeId);
    if (cursors === undefined) this.#cursors.set(treeId, new Map([[subscriberId, seq]]));
    else cursors.set(subscriberId, seq);
  }

  async ping(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (!this.#isOpen) throw new StoreError('storage/closed', 'The memory store is not open; call open() first');
  }

  #put({ treeId, creation, row, events, definitions, executions, deleted }: PreparedPart): void {
    const tree = creation === undefined ? this.#trees.get(treeId) : this.#create(row, creation);
    if (tree === undefined) return;
    tree.row = row;
    for (const event of events) tree.events.push(event);
    for (const definition of definitions) {
      const task: MemoryTask = this.#tasks.get(definition.id) ?? { tree, definition, execution: UNTOUCHED };
      task.definition = definition;
      this.#tasks.set(definition.id, task);
      tree.tasks[definition.index] = task;
    }
    for (const execution of executions) {
      const task = this.#tasks.get(execution.id);
      if (task !== undefined) task.execution = execution.row;
    }
    for (const id of deleted) {
      const index = this.#tasks.get(id)?.definition.index;
      if (index !== undefined) tree.tasks[index] = undefined;
      this.#tasks.delete(id);
    }
  }

  #create(row: MemoryTree['row'], { rootIndex, idempotencyKey }: NonNullable<PreparedPart['creation']>): MemoryTree {
    this.#lastNo += 1;
    const tree: MemoryTree = { no: this.#lastNo, rootIndex, idempotencyKey, row, events: [], tasks: [] };
    this.#trees.set(row.id, tree);
    if (idempotencyKey !== undefined) this.#keys.set(keyName(row.userId, idempotencyKey), row.id);
    return tree;
  }
}

function recordOf({ definition, execution }: MemoryTask): TaskRecord {
  return taskRecord(definition, execution);
}

function tasksOf(tree: MemoryTree | undefined): MemoryTask[] {
  return (tree?.tasks ?? []).filter((task) => task !== undefined);
}

/**
 * The store in memory, for tests and for runs that need not survive their process. It keeps events and values without a copy, because they
 * never change, and copies them for every answer, because callers may change an answer. So writing costs almost nothing, and reading costs
 * as much as parsing a text.
 */
import { growthOf } from '@coppice/core';
import type {
  Growth,
  EngineEvent,
  LogChunk,
  LogLine,
  LogScope,
  Page,
  RefusedPart,
  StreamAppend,
  TreeAppend,
  RunEvent,
  RunFacts,
  Snapshot,
  SnapshotPlace,
  Store,
  StoredLog,
  TaskError,
  TaskEventPage,
  TaskFilter,
  TaskId,
  TaskListItem,
  TaskRecord,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { isUnderWay } from '@coppice/core';
import { checkInteger, cursorText, placeOf } from '../record/page.ts';
import { NOTHING_REFUSED, refusedPart } from '../record/refusals.ts';
import { StoreError } from '../store-error.ts';
import { checkPart, keyName, type StoredData } from './check-append.ts';
import { listedStatus, listItemOf, listTasks } from './listing.ts';
import { MemoryLogs } from './memory-logs.ts';
import { MemorySnapshots } from './memory-snapshots.ts';
import {
  eventCopy,
  failAll,
  restoreTree,
  taskRecordAt,
  taskRecordsOf,
  treeRecordOf,
  type MemoryTask,
  type MemoryTree,
} from './memory-tree.ts';
import { TaskIndex } from './task-index.ts';

export class MemoryStore implements Store {
  readonly isDurable = false;
  /** Trees in the order of creation. */
  readonly #trees = new Map<string, MemoryTree>();
  readonly #tasks = new TaskIndex(this.#trees);
  /** Tree by user and idempotency key. */
  readonly #keys = new Map<string, string>();
  readonly #snapshots = new MemorySnapshots();
  readonly #logs = new MemoryLogs();
  readonly #cursors = new Map<string, Map<string, number>>();
  readonly #quarantined = new Set<string>();
  /** Events of the engine itself. */
  readonly #engineEvents: EngineEvent[] = [];
  readonly #stored: StoredData = {
    trees: this.#trees,
    tasks: this.#tasks,
    keys: this.#keys,
    engineEvents: this.#engineEvents,
  };
  #lastNo = 0;
  #isOpen = false;

  async open(): Promise<void> {
    this.#isOpen = true;
  }

  /** Keeps all trees: the store can be opened again. */
  async close(): Promise<void> {
    this.#isOpen = false;
  }

  async append(batch: readonly StreamAppend[]): Promise<readonly RefusedPart[]> {
    this.#check();
    let refused = NOTHING_REFUSED;
    for (let at = 0; at < batch.length; at++) {
      const part = batch[at] as StreamAppend;
      try {
        checkPart(part, this.#stored);
      } catch (error) {
        refused = [...refused, refusedPart(at, error)];
        continue;
      }
      if (part.kind === 'tree') this.#put(part);
      else if (part.kind === 'treeRemoval') this.#remove(part.treeId);
      else this.#engineEvents.push(...part.events);
    }
    return refused;
  }

  async findLog(treeId: TreeId): Promise<StoredLog | undefined> {
    this.#check();
    const facts = this.#trees.get(treeId)?.facts;
    return facts === undefined ? undefined : { userId: facts.userId, seq: facts.seq };
  }

  async readEvents(treeId: TreeId, afterSeq: number, limit: number): Promise<readonly RunEvent[]> {
    this.#check();
    checkInteger('afterSeq', afterSeq, 0);
    checkInteger('limit', limit, 0);
    const events = this.#trees.get(treeId)?.events ?? [];
    return events.slice(afterSeq, afterSeq + limit).map(eventCopy);
  }

  async readTaskEvents(treeId: TreeId, taskId: TaskId, afterSeq: number): Promise<TaskEventPage> {
    this.#check();
    checkInteger('afterSeq', afterSeq, 0);
    const events = this.#trees.get(treeId)?.events ?? [];
    const found = events.filter((event) => event.taskId === taskId && event.seq > afterSeq);
    return { events: found.map(eventCopy), nextAfterSeq: undefined };
  }

  async readEngineEvents(afterSeq: number, limit: number): Promise<readonly EngineEvent[]> {
    this.#check();
    checkInteger('afterSeq', afterSeq, 0);
    checkInteger('limit', limit, 0);
    return structuredClone(this.#engineEvents.slice(afterSeq, afterSeq + limit));
  }

  /** Answers that the log is sound: only appends change it, and an append that does not continue the log is refused. */
  async verifyLog(): Promise<undefined> {
    this.#check();
  }

  async quarantine(treeId: TreeId, error: TaskError): Promise<void> {
    this.#check();
    const tree = this.#trees.get(treeId);
    if (tree === undefined) return;
    this.#quarantined.add(treeId);
    failAll(tree, error);
  }

  async restore(run: RunFacts): Promise<void> {
    this.#check();
    const { treeId, seq: last } = run.tree;
    const tree = this.#trees.get(treeId);
    if (tree === undefined) throw new StoreError('storage/invalid-argument', `There is no tree ${treeId}`);
    this.#quarantined.delete(treeId);
    this.#snapshots.delete(treeId, last);
    restoreTree(tree, run);
  }

  async listQuarantined(): Promise<readonly TreeId[]> {
    this.#check();
    return [...this.#trees.values()].map(({ treeId }) => treeId).filter((treeId) => this.#quarantined.has(treeId));
  }

  async saveSnapshotPiece(place: SnapshotPlace, piece: number, tasks: string): Promise<void> {
    this.#check();
    this.#snapshots.savePiece(place, piece, tasks);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#check();
    this.#snapshots.save(snapshot);
  }

  async listSnapshots(treeId: TreeId): Promise<readonly Snapshot[]> {
    this.#check();
    return this.#snapshots.list(treeId);
  }

  async loadSnapshotPiece(place: SnapshotPlace, piece: number): Promise<string | undefined> {
    this.#check();
    return this.#snapshots.loadPiece(place, piece);
  }

  async deleteSnapshots(treeId: TreeId): Promise<void> {
    this.#check();
    this.#snapshots.delete(treeId);
  }

  async findTree(treeId: TreeId): Promise<TreeRecord | undefined> {
    this.#check();
    const tree = this.#trees.get(treeId);
    return tree === undefined ? undefined : treeRecordOf(tree);
  }

  async findTask(taskId: TaskId): Promise<TaskRecord | undefined> {
    this.#check();
    const task = this.#tasks.find(taskId);
    return task === undefined ? undefined : taskRecordAt(task.tree, task.index);
  }

  async findExisting(ids: readonly TaskId[]): Promise<readonly TaskId[]> {
    this.#check();
    return ids.filter((id) => this.#tasks.find(id) !== undefined);
  }

  async listTasks(treeId: TreeId): Promise<readonly TaskRecord[]> {
    this.#check();
    return taskRecordsOf(this.#trees.get(treeId));
  }

  async listChildren(taskId: TaskId): Promise<readonly TaskRecord[]> {
    this.#check();
    const tree = this.#tasks.find(taskId)?.tree;
    if (tree === undefined) return [];
    return tree.tasks.flatMap((task, index) =>
      task?.definition.parentId === taskId ? (taskRecordAt(tree, index) ?? []) : [],
    );
  }

  async listCopies(taskId: TaskId): Promise<readonly TaskId[]> {
    this.#check();
    return [...this.#trees.values()]
      .flatMap(({ tasks }) => tasks)
      .flatMap((task) => (task?.definition.originalTaskId === taskId ? [task.id] : []));
  }

  async list(
    filter: TaskFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<TaskListItem>> {
    this.#check();
    checkInteger('limit', page.limit, 1);
    const after = page.cursor === undefined ? undefined : placeOf(page.cursor);
    const shown: MemoryTask[] = [];
    for (const task of listTasks(this.#trees.values(), filter, after)) {
      const last = shown.at(-1);
      if (shown.length === page.limit && last !== undefined)
        return { items: shown.map(listItemOf), nextCursor: cursorText({ treeNo: last.tree.no, index: last.index }) };
      shown.push(task);
    }
    return { items: shown.map(listItemOf) };
  }

  async count(filter: TaskFilter): Promise<Readonly<Record<string, number>>> {
    this.#check();
    const counts: Record<string, number> = {};
    for (const task of listTasks(this.#trees.values(), filter)) {
      const status = listedStatus(task, filter);
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
    return [...this.#trees.values()].filter(({ facts: { status } }) => isUnderWay(status)).map(({ treeId }) => treeId);
  }

  async loadCursor(subscriberId: string, treeId: TreeId): Promise<number> {
    this.#check();
    return this.#cursors.get(treeId)?.get(subscriberId) ?? 0;
  }

  async listBehind(subscriberId: string): Promise<readonly TreeId[]> {
    this.#check();
    return [...this.#trees.values()]
      .filter(({ treeId, facts }) => facts.seq > (this.#cursors.get(treeId)?.get(subscriberId) ?? 0))
      .map(({ treeId }) => treeId);
  }

  async saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void> {
    this.#check();
    const cursors = this.#cursors.get(treeId);
    if (cursors === undefined) this.#cursors.set(treeId, new Map([[subscriberId, seq]]));
    else cursors.set(subscriberId, seq);
  }

  async appendLogs(chunks: readonly LogChunk[]): Promise<void> {
    this.#check();
    for (const chunk of chunks) if (this.#trees.has(chunk.treeId)) this.#logs.append(structuredClone(chunk));
  }

  async readLogs(scope: LogScope, afterOffset: number, limit: number): Promise<readonly LogLine[]> {
    this.#check();
    checkInteger('afterOffset', afterOffset, 0);
    checkInteger('limit', limit, 0);
    return this.#logs.read(scope, afterOffset, limit);
  }

  async offsetBeforeLast(scope: LogScope, count: number): Promise<number> {
    this.#check();
    checkInteger('count', count, 0);
    return this.#logs.offsetBeforeLast(scope, count);
  }

  async trimLogs(scope: LogScope, keptChars: number): Promise<number> {
    this.#check();
    return this.#logs.trim(scope, keptChars);
  }

  async ping(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (!this.#isOpen) throw new StoreError('storage/closed', 'The memory store is not open; call open() first');
  }

  #remove(treeId: TreeId): void {
    const tree = this.#trees.get(treeId) as MemoryTree;
    for (const task of tree.tasks) if (task !== undefined) this.#tasks.remove(tree, task);
    const { userId, idempotencyKey } = tree.facts;
    if (idempotencyKey !== undefined) this.#keys.delete(keyName(userId, idempotencyKey));
    this.#trees.delete(treeId);
    this.#snapshots.delete(treeId);
    this.#logs.delete(treeId);
    this.#cursors.delete(treeId);
    this.#quarantined.delete(treeId);
  }

  #put(part: TreeAppend): void {
    const { tree: facts, events, tasks } = part;
    const isNew = events[0]?.type === 'TreeCreated';
    const tree = isNew ? this.#create(part) : (this.#trees.get(facts.treeId) as MemoryTree);
    tree.facts = facts;
    for (const event of events) {
      tree.events.push(event);
      const growth = growthOf(event);
      if (growth !== undefined) this.#grow(tree, growth, part);
    }
    for (const task of tasks) {
      if (task.deleted) this.#delete(tree, task.index);
      else tree.tasks[task.index] = task;
    }
  }

  #grow(tree: MemoryTree, { added, removed }: Growth, { indexOf }: RunFacts): void {
    for (const id of removed) {
      const found = this.#tasks.find(id);
      if (found?.tree === tree) this.#delete(tree, found.index);
    }
    for (const { id } of added) {
      const index = indexOf(id);
      if (index >= 0) this.#tasks.addOne(tree, { id, index });
    }
  }

  #create({ tree: facts, tasks }: RunFacts): MemoryTree {
    const { treeId, userId, idempotencyKey } = facts;
    this.#lastNo += 1;
    const tree: MemoryTree = {
      no: this.#lastNo,
      treeId,
      facts,
      definitionHash: undefined,
      events: [],
      tasks: [],
      positions: undefined,
    };
    // Tasks that came and left within this append leave gaps.
    for (const task of tasks) tree.tasks[task.index] = task.deleted ? undefined : task;
    this.#trees.set(treeId, tree);
    this.#tasks.add(tree);
    if (idempotencyKey !== undefined) this.#keys.set(keyName(userId, idempotencyKey), treeId);
    return tree;
  }

  #delete(tree: MemoryTree, index: number): void {
    const task = tree.tasks[index];
    if (task === undefined) return;
    this.#tasks.remove(tree, task);
    tree.tasks[index] = undefined;
  }
}

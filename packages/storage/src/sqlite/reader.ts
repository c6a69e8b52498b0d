/** Reads: prepared statements on the same connection as the writes, so a read sees all acknowledged appends. */
import type {
  EngineEvent,
  Page,
  RunEvent,
  Snapshot,
  SnapshotPlace,
  StoredLog,
  TaskEventPage,
  TaskFilter,
  TaskId,
  TaskListItem,
  TaskRecord,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { INCOMPLETE_CODES } from '../record/codes.ts';
import { taskMark } from '../record/event-line.ts';
import { wholeColumn } from '../record/large-values.ts';
import { checkInteger, cursorText, matchesNothing, placeOf } from '../record/page.ts';
import {
  listItem,
  runStatus,
  taskRecord,
  taskStatus,
  treeRecord,
  type DefinitionRow,
  type ExecutionRow,
  type ListRow,
  type TreeRow,
} from '../record/rows.ts';
import { checkLog, eventsOf, type LogProblem, type Segment } from '../record/segment.ts';
import { derivedId } from '../record/task-text.ts';
import type { Contents } from './contents.ts';
import { inTree, SEGMENT, TASK, TASK_JOINS, TREE } from './columns.ts';
import { EngineEvents } from './engine-events.ts';
import { countQuery, listQuery, type Query } from './list-query.ts';
import type { SqlValue } from './multi-row.ts';
import { TaskLocator } from './task-locator.ts';
import type { TreeNumbers } from './tree-numbers.ts';

type TaskRow = DefinitionRow & ExecutionRow;
type SegmentRow = Omit<Segment, 'parts' | 'find'>;

const SEQ_MAX = 0xffff_ffff;
/** Length of the texts that one search for a task's events goes through: some milliseconds. */
const SEARCHED_CHARS = 1_048_576;
const TASK_OF_TREE = `FROM tree t CROSS JOIN task k ON k.no BETWEEN (t.no << 32) AND ((t.no << 32) | 0xffffffff) ${TASK_JOINS}`;

export class Reader {
  readonly #database: Database;
  readonly #numbers: TreeNumbers;
  readonly #locator: TaskLocator;
  readonly #engine: EngineEvents;
  readonly #contents: Contents;
  readonly #segments: Statement<SqlValue[], SegmentRow>;
  readonly #log: Statement<SqlValue[], SegmentRow>;
  readonly #parts: Statement<SqlValue[], { readonly data: string }>;
  readonly #head: Statement<[string], StoredLog>;
  readonly #tree: Statement<[string], TreeRow>;
  readonly #task: Statement<[number, number], TaskRow>;
  readonly #tasks: Statement<[number], TaskRow>;
  readonly #children: Statement<[number, number], TaskRow>;
  readonly #snapshots: Statement<[string], Omit<Snapshot, 'treeId'>>;
  readonly #snapshotPiece: Statement<[string, number, number], { readonly tasks: string }>;
  readonly #keyed: Statement<[string, string], { readonly id: TreeId }>;
  readonly #incomplete: Statement<number[], { readonly no: number; readonly id: TreeId }>;
  readonly #quarantined: Statement<[], { readonly id: TreeId }>;
  readonly #copies: Statement<[string], Pick<DefinitionRow, 'id' | 'treeId' | 'rootIndex' | 'index'>>;

  constructor(
    database: Database,
    { numbers, contents }: { readonly numbers: TreeNumbers; readonly contents: Contents },
  ) {
    this.#contents = contents;
    this.#database = database;
    this.#numbers = numbers;
    this.#locator = new TaskLocator(database);
    this.#engine = new EngineEvents(database);
    this.#segments = database.prepare(
      `SELECT ${SEGMENT} FROM event WHERE no <= ((? << 32) | 0xffffffff)
        AND no >= coalesce((SELECT max(no) FROM event WHERE no BETWEEN (? << 32) AND ((? << 32) | ?)), ? << 32) ORDER BY no`,
    );
    this.#log = database.prepare(`SELECT ${SEGMENT} FROM event WHERE ${inTree('no')} ORDER BY no`);
    this.#parts = database.prepare('SELECT data FROM event_part WHERE no = ((? << 32) | ?) ORDER BY part');
    this.#head = database.prepare('SELECT user_id AS userId, seq FROM tree WHERE id = ?');
    this.#tree = database.prepare(`SELECT ${TREE} FROM tree WHERE id = ?`);
    this.#task = database.prepare(
      `SELECT ${TASK} FROM tree t CROSS JOIN task k ON k.no = ((t.no << 32) | ?) ${TASK_JOINS} WHERE t.no = ?`,
    );
    this.#tasks = database.prepare(`SELECT ${TASK} ${TASK_OF_TREE} WHERE t.no = ? ORDER BY k.no`);
    this.#children = database.prepare(`SELECT ${TASK} ${TASK_OF_TREE} WHERE t.no = ? AND k.parent = ? ORDER BY k.no`);
    this.#snapshots = database.prepare(
      'SELECT seq, version, state, pieces, checksum FROM snapshot WHERE tree_id = ? ORDER BY seq DESC',
    );
    this.#snapshotPiece = database.prepare(
      'SELECT tasks FROM snapshot_piece WHERE tree_id = ? AND seq = ? AND piece = ?',
    );
    this.#keyed = database.prepare('SELECT id FROM tree WHERE user_id = ? AND idempotency_key = ?');
    this.#incomplete = database.prepare(
      `SELECT no, id FROM tree WHERE status IN (${INCOMPLETE_CODES.map(() => '?').join()})`,
    );
    this.#quarantined = database.prepare('SELECT id FROM tree WHERE quarantined = 1 ORDER BY no');
    this.#copies = database.prepare(
      `SELECT k.id AS id, t.id AS treeId, t.root_index AS rootIndex, k.no & 0xffffffff AS "index"
        FROM task k JOIN tree t ON t.no = (k.no >> 32) WHERE k.original_task_id = ? ORDER BY k.no`,
    );
  }

  /** Throws when the file can not be read. */
  ping(): void {
    this.#database.prepare('SELECT count(*) FROM sqlite_master').get();
  }

  findLog(treeId: string): StoredLog | undefined {
    return this.#head.get(treeId);
  }

  readEngineEvents(afterSeq: number, limit: number): EngineEvent[] {
    return this.#engine.read(afterSeq, limit);
  }

  readEvents(treeId: string, afterSeq: number, limit: number): RunEvent[] {
    checkInteger('afterSeq', afterSeq, 0);
    checkInteger('limit', limit, 0);
    const no = this.#numbers.find(treeId);
    if (no === undefined) return [];
    const segments: Segment[] = [];
    for (const row of this.#segmentsAfter(no, afterSeq)) {
      if (row.firstSeq > afterSeq + limit) break;
      segments.push(this.#withParts(no, row));
    }
    return eventsOf(segments, { treeId, afterSeq, limit });
  }

  /** Goes through the log. An index by task would be a row per event, or a column per row of a task, on the way of every append. */
  readTaskEvents(treeId: string, taskId: string, afterSeq: number): TaskEventPage {
    checkInteger('afterSeq', afterSeq, 0);
    const no = this.#numbers.find(treeId);
    if (no === undefined) return { events: [], nextAfterSeq: undefined };
    const segments: Segment[] = [];
    // The first event is of no task, and its texts may be large.
    const from = Math.max(afterSeq, 1);
    let length = 0;
    let nextAfterSeq: number | undefined;
    for (const row of this.#segmentsAfter(no, from)) {
      if (length >= SEARCHED_CHARS) {
        nextAfterSeq = row.firstSeq - 1;
        break;
      }
      segments.push({ ...row, parts: [], find: this.#contents.find });
      length += row.lines.length;
    }
    const mark = taskMark(taskId, treeId);
    const marked = eventsOf(segments, { treeId, afterSeq: from, limit: SEQ_MAX, mark });
    return { events: marked.filter((event) => event.taskId === taskId), nextAfterSeq };
  }

  /** Segments from the one that holds the event after `afterSeq`. */
  #segmentsAfter(no: number, afterSeq: number): IterableIterator<SegmentRow> {
    return this.#segments.iterate(no, no, no, Math.min(afterSeq + 1, SEQ_MAX), no);
  }

  verifyLog(treeId: string): LogProblem | undefined {
    const no = this.#numbers.find(treeId);
    if (no === undefined) return undefined;
    // One transaction is needed, because another process may append in between.
    const check = this.#database.transaction(() => {
      const expectedSeq = this.#tree.get(treeId)?.seq ?? 0;
      return checkLog(this.#wholeLog(no), expectedSeq);
    });
    return check();
  }

  *#wholeLog(no: number): Generator<Segment> {
    for (const row of this.#log.iterate(no, no)) yield this.#withParts(no, row);
  }

  #withParts(no: number, row: SegmentRow): Segment {
    const parts = row.firstSeq === 1 ? this.#parts.all(no, row.firstSeq).map(({ data }) => data) : [];
    return { ...row, parts, find: this.#contents.find };
  }

  listSnapshots(treeId: TreeId): Snapshot[] {
    return this.#snapshots.all(treeId).map((snapshot) => ({ ...snapshot, treeId }));
  }

  loadSnapshotPiece({ treeId, seq }: SnapshotPlace, piece: number): string | undefined {
    return this.#snapshotPiece.get(treeId, seq, piece)?.tasks;
  }

  findByIdempotencyKey(userId: string, key: string): TreeId | undefined {
    return this.#keyed.get(userId, key)?.id;
  }

  /** Oldest first. */
  listIncomplete(): TreeId[] {
    const found = this.#incomplete.all(...INCOMPLETE_CODES);
    return found.toSorted((a, b) => a.no - b.no).map(({ id }) => id);
  }

  /** Oldest first. Reads the row of every tree. */
  listBehind(subscriberId: string): TreeId[] {
    return this.#database
      .prepare<[string], { readonly id: TreeId }>(
        `SELECT t.id AS id FROM tree t LEFT JOIN subscriber_cursor c ON c.tree_id = t.id AND c.subscriber_id = ?
          WHERE t.seq > coalesce(c.seq, 0) ORDER BY t.no`,
      )
      .all(subscriberId)
      .map(({ id }) => id);
  }

  /** Oldest first. */
  listQuarantined(): TreeId[] {
    return this.#quarantined.all().map(({ id }) => id);
  }

  findTree(treeId: string): TreeRecord | undefined {
    const row = this.#tree.get(treeId);
    return row === undefined ? undefined : treeRecord(row);
  }

  findTask(taskId: string): TaskRecord | undefined {
    const place = this.#locator.find(taskId);
    const row = place === undefined ? undefined : this.#task.get(place.index, place.treeNo);
    return row === undefined ? undefined : this.#recordOf(row);
  }

  findExisting(ids: readonly TaskId[]): TaskId[] {
    return this.#locator.existing(ids);
  }

  listTasks(treeId: string): TaskRecord[] {
    const no = this.#numbers.find(treeId);
    return no === undefined ? [] : this.#tasks.all(no).map((row) => this.#recordOf(row));
  }

  listChildren(taskId: string): TaskRecord[] {
    const place = this.#locator.find(taskId);
    if (place === undefined) return [];
    return this.#children.all(place.treeNo, place.index).map((row) => this.#recordOf(row));
  }

  listCopies(taskId: string): TaskId[] {
    return this.#copies
      .all(taskId)
      .map(
        ({ id, treeId, rootIndex, index }) => (id as TaskId | null) ?? derivedId(treeId, index, index === rootIndex),
      );
  }

  list(filter: TaskFilter, page: { readonly limit: number; readonly cursor?: string }): Page<TaskListItem> {
    checkInteger('limit', page.limit, 1);
    const after = page.cursor === undefined ? undefined : placeOf(page.cursor);
    if (matchesNothing(filter)) return { items: [] };
    const rows = this.#rowsOf({ filter, after, limit: page.limit + 1 });
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    const items = shown.map((row) => listItem(row, this.#recordOf(row)));
    return rows.length > page.limit && last !== undefined ? { items, nextCursor: cursorText(last) } : { items };
  }

  count(filter: TaskFilter): Record<string, number> {
    if (matchesNothing(filter)) return {};
    const rows = this.#all<{ readonly status: number; readonly count: number }>(countQuery(filter));
    const nameOf = filter.rootOnly ? runStatus : taskStatus;
    return Object.fromEntries(rows.map(({ status, count }) => [nameOf(status), count]));
  }

  /** Asks for each run status alone and merges the rows. Each query walks the index in order; one query for all would have to sort. */
  #rowsOf(request: Parameters<typeof listQuery>[0]): ListRow[] {
    const { filter, limit } = request;
    const { status } = filter;
    if (!filter.rootOnly || status === undefined || status.length < 2) return this.#all<ListRow>(listQuery(request));
    return [...new Set(status)]
      .flatMap((one) => this.#all<ListRow>(listQuery({ ...request, filter: { ...filter, status: [one] } })))
      .toSorted((a, b) => b.treeNo - a.treeNo)
      .slice(0, limit);
  }

  #recordOf(row: TaskRow): TaskRecord {
    const input = wholeColumn(row.input, this.#contents.find);
    const output = wholeColumn(row.output, this.#contents.find);
    return taskRecord(row, { ...row, input, output });
  }

  #all<Row>({ sql, values }: Query): Row[] {
    return this.#database.prepare<SqlValue[], Row>(sql).all(...values);
  }
}

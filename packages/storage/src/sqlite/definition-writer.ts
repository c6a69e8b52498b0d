/** Writes the rows that seldom change: trees, task definitions, tags. */
import type { EventOf, RunFacts, TaskDefinition, TaskFacts, TreeFacts } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { RUN_STATUS_CODES } from '../record/codes.ts';
import { countsText, objectText, reasonOf, valueText } from '../record/rows.ts';
import { TaskPlaces, taskTexts, type TaskTexts } from '../record/task-text.ts';
import { MultiRowInsert, type SqlValue } from './multi-row.ts';

const TREE_COLUMNS = [
  'id',
  'name',
  'user_id',
  'idempotency_key',
  'status',
  'seq',
  'counts',
  'task_statuses',
  'task_count',
  'root_index',
  'inputs',
  'variables',
  'policies',
  'definition_hash',
  'origin',
  'error',
  'reason',
  'result',
  'created_at_ms',
  'started_at_ms',
  'ended_at_ms',
  'deadline_at_ms',
  'pauses',
];

const TASK = {
  head: 'INSERT INTO task (no, parent, id, key, name, executor, dependencies, rest, original_task_id)',
  row: '((? << 32) | ?, ?, ?, ?, ?, ?, ?, ?, ?)',
};

const placeholders = (columns: readonly string[]): string => columns.map(() => '?').join(', ');

export class DefinitionWriter {
  readonly #insertTree: Statement<SqlValue[]>;
  readonly #tasks: MultiRowInsert;
  readonly #updateTask: Statement<SqlValue[]>;
  readonly #deleteTask: Statement<SqlValue[]>;
  readonly #deleteExecution: Statement<SqlValue[]>;
  readonly #insertTag: Statement<SqlValue[]>;
  readonly #deleteTags: Statement<SqlValue[]>;
  readonly #insertPart: Statement<SqlValue[]>;

  constructor(database: Database) {
    this.#insertTree = database.prepare(
      `INSERT INTO tree (${TREE_COLUMNS.join(', ')}) VALUES (${placeholders(TREE_COLUMNS)})`,
    );
    this.#tasks = new MultiRowInsert(database, TASK);
    this.#updateTask = database.prepare(
      'UPDATE task SET name = ?, key = ?, dependencies = ?, rest = ? WHERE no = ((? << 32) | ?)',
    );
    this.#deleteTask = database.prepare('DELETE FROM task WHERE no = ((? << 32) | ?)');
    this.#deleteExecution = database.prepare('DELETE FROM task_execution WHERE no = ((? << 32) | ?)');
    this.#insertTag = database.prepare('INSERT OR IGNORE INTO task_tag (no, tag) VALUES ((? << 32) | ?, ?)');
    this.#insertPart = database.prepare('INSERT INTO event_part (no, part, data) VALUES ((? << 32) | ?, ?, ?)');
    this.#deleteTags = database.prepare('DELETE FROM task_tag WHERE no = ((? << 32) | ?)');
  }

  /** Writes the row of a new tree, and returns its number. */
  insertTree(tree: TreeFacts, hash: string, taskStatuses: number): number {
    const { lastInsertRowid } = this.#insertTree.run(
      tree.treeId,
      tree.name,
      tree.userId,
      tree.idempotencyKey ?? null,
      RUN_STATUS_CODES[tree.status],
      tree.seq,
      countsText(tree.counts),
      taskStatuses,
      tree.taskCount,
      tree.rootIndex,
      objectText(tree.inputs),
      objectText(tree.variables),
      objectText(tree.policies),
      hash,
      valueText(tree.origin),
      valueText(tree.error),
      valueText(reasonOf(tree.reason)),
      valueText(tree.result),
      tree.createdAtMs,
      tree.startedAtMs ?? null,
      tree.endedAtMs ?? null,
      tree.deadlineAtMs ?? null,
      valueText(tree.pauses),
    );
    return Number(lastInsertRowid);
  }

  /** Writes the tasks of a new tree. `created`: texts of the definitions that it was created from. */
  insertTasks(treeNo: number, run: RunFacts, created: CreatedTexts): void {
    for (let index = 0; index < run.tasks.length; index++) {
      const task = run.tasks[index] as TaskFacts;
      if (task.deleted) continue;
      const isChanged = task.definition !== created.tasks[index];
      const texts = isChanged
        ? taskTexts(task.definition, task.index, placesIn(run))
        : (created.texts[index] as TaskTexts);
      this.#insert(treeNo, task, texts);
    }
  }

  /** Writes those tasks that have come into the tree. */
  insertAdded(treeNo: number, run: RunFacts, added: ReadonlySet<string>): void {
    const places = placesIn(run);
    for (const task of run.tasks)
      if (added.has(task.id) && !task.deleted)
        this.#insert(treeNo, task, taskTexts(task.definition, task.index, places));
  }

  /** Writes the texts of an event that are too long for its row. */
  insertParts(treeNo: number, seq: number, parts: readonly string[]): void {
    parts.forEach((text, part) => this.#insertPart.run(treeNo, seq, part, text));
  }

  #insert(treeNo: number, { index, definition }: TaskFacts, texts: TaskTexts): void {
    const rows = this.#tasks;
    const at = rows.next();
    const { values } = rows;
    values[at] = treeNo;
    values[at + 1] = index;
    values[at + 2] = texts.parent;
    values[at + 3] = texts.id;
    values[at + 4] = texts.key;
    values[at + 5] = texts.name;
    values[at + 6] = texts.executor;
    values[at + 7] = texts.dependencies;
    values[at + 8] = texts.rest;
    values[at + 9] = definition.originalTaskId ?? null;
    for (const tag of definition.tags) this.#insertTag.run(treeNo, index, tag);
  }

  /** Writes the rows that wait. */
  flush(): void {
    this.#tasks.flush();
  }

  update(treeNo: number, run: RunFacts, { index, definition }: TaskFacts): void {
    this.flush();
    const { name, key, dependencies, rest } = taskTexts(definition, index, placesIn(run));
    this.#updateTask.run(name, key, dependencies, rest, treeNo, index);
    this.#deleteTags.run(treeNo, index);
    for (const tag of definition.tags) this.#insertTag.run(treeNo, index, tag);
  }

  /** Forgets the rows that wait, because the transaction is rolled back. */
  clear(): void {
    this.#tasks.clear();
  }

  delete(treeNo: number, index: number): void {
    this.flush();
    this.#deleteTask.run(treeNo, index);
    this.#deleteExecution.run(treeNo, index);
    this.#deleteTags.run(treeNo, index);
  }
}

/** Used when all definitions of a tree are written anew. */
export const NO_TEXTS: CreatedTexts = { tasks: [], texts: [] };

/** The definitions that a tree was created from, as texts. */
export interface CreatedTexts {
  readonly tasks: readonly TaskDefinition[];
  readonly texts: readonly TaskTexts[];
}

export function createdTexts(run: RunFacts, { data }: EventOf<'TreeCreated'>): CreatedTexts {
  const { tasks } = data.definition;
  const places = placesIn(run);
  return { tasks, texts: tasks.map((task, index) => taskTexts(task, index, places)) };
}

/** Places of all tasks, also of deleted ones, because the first event names them. */
function placesIn({ tree, indexOf }: RunFacts): TaskPlaces {
  return new TaskPlaces(tree.treeId, indexOf);
}

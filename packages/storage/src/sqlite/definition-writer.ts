/** Writes what is written once: tree rows, task definitions, tags. */
import type { EventOf, RunState, TaskState } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { RUN_STATUS_CODES } from '../record/codes.ts';
import { creationText } from '../record/creation-parts.ts';
import { definitionHash } from '../record/definition-hash.ts';
import { duplicate } from '../record/refusals.ts';
import { countsText, listText, objectText, reasonOf, valueText } from '../record/rows.ts';
import type { SqlValue } from './multi-row.ts';
import { isDuplicate } from './sqlite-errors.ts';

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
  'created_at_ms',
  'started_at_ms',
  'ended_at_ms',
  'deadline_at_ms',
];

/** Those that `tasks.update` may change come last. */
const TASK_COLUMNS = [
  'id',
  'key',
  'executor',
  '"join"',
  'port',
  'allow_failure',
  'not_before_ms',
  'capabilities',
  'original_task_id',
  'name',
  'inputs',
  'dependencies',
  'priority',
  'policies',
  'tags',
  'metadata',
];
const CHANGEABLE = TASK_COLUMNS.slice(-7);

const placeholders = (columns: readonly string[]): string => columns.map(() => '?').join(', ');

export class DefinitionWriter {
  readonly #insertTree: Statement<SqlValue[]>;
  readonly #insertTask: Statement<SqlValue[]>;
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
    this.#insertTask = database.prepare(
      `INSERT INTO task (no, parent_no, ${TASK_COLUMNS.join(', ')}) VALUES ((? << 32) | ?, (? << 32) | ?, ${placeholders(TASK_COLUMNS)})`,
    );
    this.#updateTask = database.prepare(
      `UPDATE task SET ${CHANGEABLE.map((column) => `${column} = ?`).join(', ')} WHERE no = ((? << 32) | ?)`,
    );
    this.#deleteTask = database.prepare('DELETE FROM task WHERE no = ((? << 32) | ?)');
    this.#deleteExecution = database.prepare('DELETE FROM task_execution WHERE no = ((? << 32) | ?)');
    this.#insertTag = database.prepare('INSERT OR IGNORE INTO task_tag (no, tag) VALUES ((? << 32) | ?, ?)');
    this.#insertPart = database.prepare('INSERT INTO event_part (no, part, data) VALUES ((? << 32) | ?, ?, ?)');
    this.#deleteTags = database.prepare('DELETE FROM task_tag WHERE no = ((? << 32) | ?)');
  }

  /** Answers the new tree's number. */
  insertTree(run: RunState, created: EventOf<'TreeCreated'>, taskStatuses: number): number {
    const { lastInsertRowid } = this.#insertTree.run(
      run.treeId,
      run.root.definition.name,
      run.userId,
      run.idempotencyKey ?? null,
      RUN_STATUS_CODES[run.status],
      run.seq,
      countsText(run.counts),
      taskStatuses,
      run.byId.size,
      run.root.index,
      objectText(run.inputs),
      objectText(run.variables),
      objectText(run.policies),
      definitionHash(created.data.definition),
      valueText(run.origin),
      valueText(run.error),
      valueText(reasonOf(run.reason)),
      run.createdAtMs,
      run.startedAtMs ?? null,
      run.endedAtMs ?? null,
      run.deadlineAtMs ?? null,
    );
    return Number(lastInsertRowid);
  }

  /** The text of a TreeCreated event; what does not fit in it is written beside it. */
  creationText(treeNo: number, event: EventOf<'TreeCreated'>): string {
    const { data, parts } = creationText(event.data);
    parts.forEach((text, part) => this.#insertPart.run(treeNo, event.seq, part, text));
    return data;
  }

  insert(treeNo: number, { index, parent, definition }: TaskState): void {
    try {
      this.#insertTask.run(
        treeNo,
        index,
        treeNo,
        parent?.index ?? null,
        definition.id,
        definition.key,
        definition.executor ?? null,
        definition.join,
        definition.port ?? null,
        definition.allowFailure ? 1 : 0,
        definition.notBeforeMs ?? null,
        listText(definition.capabilities),
        definition.originalTaskId ?? null,
        definition.name,
        objectText(definition.inputs),
        listText(definition.dependencies),
        definition.priority,
        objectText(definition.policies),
        listText(definition.tags),
        objectText(definition.metadata),
      );
    } catch (error) {
      throw isDuplicate(error) ? duplicate('task', definition.id) : error;
    }
    for (const tag of definition.tags) this.#insertTag.run(treeNo, index, tag);
  }

  update(treeNo: number, { index, definition }: TaskState): void {
    this.#updateTask.run(
      definition.name,
      objectText(definition.inputs),
      listText(definition.dependencies),
      definition.priority,
      objectText(definition.policies),
      listText(definition.tags),
      objectText(definition.metadata),
      treeNo,
      index,
    );
    this.#deleteTags.run(treeNo, index);
    for (const tag of definition.tags) this.#insertTag.run(treeNo, index, tag);
  }

  delete(treeNo: number, index: number): void {
    this.#deleteTask.run(treeNo, index);
    this.#deleteExecution.run(treeNo, index);
    this.#deleteTags.run(treeNo, index);
  }
}

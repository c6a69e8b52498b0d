/**
 * Writes appends: one transaction per batch, synchronous from BEGIN to COMMIT, so that no other work of this process comes in between.
 * When a part of a batch is refused, the batch is written again part by part, each with a savepoint.
 * The way in which rows are written was chosen by measurements (docs/decisions/0021).
 */
import {
  EVENT_MEANING,
  EVENT_VERSION,
  growthOf,
  isDefinitionChange,
  type DefinitionChange,
  type EventOf,
  type Growth,
  type RefusedPart,
  type StreamAppend,
  type TreeAppend,
  type RunEvent,
  type RunFacts,
  type TaskError,
  type TaskFacts,
  type TreeFacts,
  type TreeRemoval,
} from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { checksText } from '../record/checks.ts';
import { creationParts } from '../record/creation-text.ts';
import { hashOfTexts } from '../record/definition-hash.ts';
import { eventLine } from '../record/event-line.ts';
import { LARGE_CHARS, takeFromEvent } from '../record/large-values.ts';
import {
  checkRemoval,
  duplicate,
  duplicateKey,
  firstSeq,
  gap,
  NOTHING_REFUSED,
  refusedPart,
  unknownTree,
} from '../record/refusals.ts';
import { countsText, isUntouched } from '../record/rows.ts';
import { segmentText } from '../record/segment.ts';
import type { Contents } from './contents.ts';
import { createdTexts, DefinitionWriter, NO_TEXTS } from './definition-writer.ts';
import { EngineEvents } from './engine-events.ts';
import { ExecutionRows } from './execution-rows.ts';
import { MultiRowInsert, type SqlValue } from './multi-row.ts';
import { QuarantineWriter } from './quarantine-writer.ts';
import { isDuplicate, isOfOnePart } from './sqlite-errors.ts';
import { TaskLocator } from './task-locator.ts';
import type { TreeNumbers } from './tree-numbers.ts';
import { initialBits, PROGRESS, RUN_FIELDS, runFields, statusBits } from './tree-row.ts';
import { TreeRemover } from './tree-remover.ts';

const SEGMENT = {
  head: 'INSERT INTO event (no, version, lines, checks)',
  row: `((? << 32) | ?, ${EVENT_VERSION}, ?, ?)`,
};

/** A tree that was found or created: its number, and texts for its first event. */
interface TreeEntry {
  readonly no: number;
  readonly parts: readonly string[];
}

const NO_PARTS: readonly string[] = [];

export class Appender {
  readonly #database: Database;
  readonly #numbers: TreeNumbers;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;
  readonly #advance: Statement<SqlValue[]>;
  readonly #advanceRun: Statement<SqlValue[]>;
  readonly #restoreRun: Statement<SqlValue[]>;
  readonly #quarantine: QuarantineWriter;
  readonly #remover: TreeRemover;
  readonly #engine: EngineEvents;
  readonly #updateShape: Statement<SqlValue[]>;
  readonly #seqOf: Statement<[number], { readonly seq: number }>;
  readonly #segments: MultiRowInsert;
  readonly #executions: ExecutionRows;
  readonly #definitions: DefinitionWriter;
  readonly #contents: Contents;
  readonly #locator: TaskLocator;
  /** Trees that the running transaction creates. They are remembered after the commit. */
  readonly #created = new Map<string, number>();

  constructor(
    database: Database,
    { numbers, contents }: { readonly numbers: TreeNumbers; readonly contents: Contents },
  ) {
    this.#database = database;
    this.#numbers = numbers;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#advance = database.prepare(`UPDATE tree SET ${PROGRESS} WHERE no = ? AND seq = ?`);
    this.#advanceRun = database.prepare(`UPDATE tree SET ${RUN_FIELDS}, ${PROGRESS} WHERE no = ? AND seq = ?`);
    this.#restoreRun = database.prepare(
      `UPDATE tree SET ${RUN_FIELDS}, seq = ?, counts = ?, task_statuses = ?, quarantined = NULL WHERE no = ?`,
    );
    this.#quarantine = new QuarantineWriter(database);
    this.#contents = contents;
    this.#remover = new TreeRemover(database, this.#contents);
    this.#engine = new EngineEvents(database);
    this.#updateShape = database.prepare('UPDATE tree SET name = ?, task_count = ? WHERE no = ?');
    this.#seqOf = database.prepare('SELECT seq FROM tree WHERE no = ?');
    this.#segments = new MultiRowInsert(database, SEGMENT);
    this.#locator = new TaskLocator(database);
    this.#definitions = new DefinitionWriter(database);
    this.#executions = new ExecutionRows(database, {
      contents: this.#contents,
      beforeRange: () => this.#definitions.flush(),
    });
  }

  /** Writes a batch, and returns the parts that were refused. */
  append(batch: readonly StreamAppend[]): readonly RefusedPart[] {
    let refused = NOTHING_REFUSED;
    try {
      this.transaction(() => {
        for (const part of batch) this.#appendPart(part);
        this.#flush();
      });
    } catch (error) {
      if (!isOfOnePart(error)) throw error;
      refused = batch.length === 1 ? [refusedPart(0, error)] : this.#appendOneByOne(batch);
    }
    for (const [treeId, no] of this.#created) this.#numbers.remember(treeId, no);
    this.#created.clear();
    return refused;
  }

  #appendOneByOne(batch: readonly StreamAppend[]): readonly RefusedPart[] {
    const refused: RefusedPart[] = [];
    this.transaction(() => {
      for (const [at, part] of batch.entries()) {
        this.#database.exec('SAVEPOINT part');
        try {
          this.#appendPart(part);
          this.#flush();
        } catch (error) {
          if (!isOfOnePart(error)) throw error;
          this.#forgetRows();
          if (part.kind === 'tree') this.#created.delete(part.tree.treeId);
          this.#database.exec('ROLLBACK TO part');
          refused.push(refusedPart(at, error));
        }
        this.#database.exec('RELEASE part');
      }
    });
    return refused;
  }

  quarantine(treeId: string, error: TaskError): void {
    const no = this.#numbers.find(treeId);
    if (no !== undefined) this.transaction(() => this.#quarantine.quarantine(no, error));
  }

  /** Writes the rows of a state, and cuts the log after the last event of this state. */
  restore(run: RunFacts): void {
    const { tree, tasks } = run;
    const no = this.#numbers.find(tree.treeId);
    if (no === undefined) throw unknownTree(tree.treeId);
    this.transaction(() => {
      this.#quarantine.cutLog(tree.treeId, no, tree.seq);
      this.#quarantine.clearRows(no);
      this.#definitions.insertTasks(no, run, NO_TEXTS);
      for (const task of tasks) if (!task.deleted && !isUntouched(task)) this.#executions.write(no, task);
      this.#flush();
      this.#restoreRun.run(...runFields(tree), tree.seq, countsText(tree.counts), initialBits(tasks), no);
      this.#reshape(no, tree);
    });
  }

  /** Runs `work` between BEGIN and COMMIT. When `work` throws, the transaction is rolled back. */
  transaction(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      this.#forgetRows();
      this.#created.clear();
      // After some faults (such as a full disk) SQLite has rolled back by itself.
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  /** Writes the rows that wait. */
  #flush(): void {
    this.#definitions.flush();
    this.#segments.flush();
    this.#executions.flush();
    this.#contents.settle();
  }

  /** Forgets the rows that wait, because their transaction is rolled back. */
  #forgetRows(): void {
    this.#segments.clear();
    this.#definitions.clear();
    this.#executions.clear();
    this.#contents.settle();
  }

  #appendPart(part: StreamAppend): void {
    if (part.kind === 'engine') this.#engine.append(part);
    else if (part.kind === 'treeRemoval') this.#remove(part);
    else this.#appendEvents(part);
  }

  #remove(part: TreeRemoval): void {
    const { treeId } = part;
    const no = this.#numbers.find(treeId);
    checkRemoval(part, no === undefined ? undefined : this.#seqOf.get(no)?.seq);
    this.#flush();
    this.#remover.remove(treeId, no as number);
    this.#numbers.forget(treeId);
  }

  #appendEvents(part: TreeAppend): void {
    const { tree, events, tasks } = part;
    const seq = firstSeq(part);
    const [first] = events;
    const isNew = first?.type === 'TreeCreated';
    const { no, parts } = isNew ? this.#createTree(part, first) : this.#continueTree(tree, events, seq);
    const lines: string[] = [];
    let added: ReadonlySet<string> | undefined;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as RunEvent;
      lines.push(this.#lineOf(no, { event, treeId: tree.treeId, parts }));
      if (isDefinitionChange(event)) this.#followDefinition(no, part, event);
      const growth = growthOf(event);
      if (growth !== undefined) added = this.#follow(no, growth, added);
    }
    const rows = this.#segments;
    const at = rows.next();
    rows.values[at] = no;
    rows.values[at + 1] = seq;
    rows.values[at + 2] = segmentText(lines);
    rows.values[at + 3] = checksText(lines, parts);
    // A new tree is written with all the tasks that it has by now.
    if (added !== undefined && !isNew) this.#grow(no, part, added);
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index] as TaskFacts;
      if (task.deleted) {
        this.#deleteRow(no, task.index);
        continue;
      }
      const written = this.#executions.writeReady(no, tasks, index);
      if (written > 0) index += written - 1;
      else if ((!isNew && added?.has(task.id) !== true) || !isUntouched(task)) this.#executions.write(no, task);
    }
  }

  /** The line of an event. Its large values are written apart: only a line that has become long is looked at. */
  #lineOf(
    no: number,
    { event, treeId, parts }: { readonly event: RunEvent; readonly treeId: string; readonly parts: readonly string[] },
  ): string {
    const line = eventLine(event, treeId, { parts });
    if (line.length <= LARGE_CHARS) return line;
    const taken = takeFromEvent(event, (text) => this.#contents.keep(no, text));
    return taken === undefined ? line : eventLine(taken.event, treeId, { parts, contents: taken.contents });
  }

  #createTree(run: RunFacts, created: EventOf<'TreeCreated'>): TreeEntry {
    const { treeId } = run.tree;
    this.#checkIds(treeId, created);
    const texts = createdTexts(run, created);
    const parts = creationParts(texts.texts);
    const no = this.#insertTree(run, hashOfTexts(created.data.definition, texts.texts, parts));
    this.#definitions.insertTasks(no, run, texts);
    if (parts.length > 1) this.#definitions.insertParts(no, created.seq, parts);
    this.#created.set(treeId, no);
    return { no, parts };
  }

  /** Checks that submitted ids are not in use. Ids that follow from the id of the tree need no check. */
  #checkIds(treeId: TreeFacts['treeId'], { data }: EventOf<'TreeCreated'>): void {
    const given = data.definition.tasks.filter(({ id }) => !id.startsWith(treeId)).map(({ id }) => id);
    if (given.length > 0) {
      this.#definitions.flush();
      const [taken] = this.#locator.existing(given);
      if (taken !== undefined) throw duplicate('task', taken);
    }
    if (this.#locator.isNamed(treeId)) throw duplicate('task', treeId);
  }

  #insertTree({ tree, tasks }: RunFacts, hash: string): number {
    try {
      return this.#definitions.insertTree(tree, hash, initialBits(tasks));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw isDuplicate(error, 'tree.id')
        ? duplicate('tree', tree.treeId)
        : duplicateKey(tree.userId, tree.idempotencyKey ?? '');
    }
  }

  #continueTree(tree: TreeFacts, events: readonly RunEvent[], seq: number): TreeEntry {
    const no = this.#created.get(tree.treeId) ?? this.#numbers.find(tree.treeId);
    if (no === undefined) throw unknownTree(tree.treeId);
    const progress = [tree.seq, countsText(tree.counts), statusBits(tree), no, seq - 1] as const;
    // The fields of the run change only with events about the run.
    const done = events.some(({ type }) => EVENT_MEANING[type].run !== undefined)
      ? this.#advanceRun.run(...runFields(tree), ...progress)
      : this.#advance.run(...progress);
    if (done.changes === 0) throw gap(tree.treeId, (this.#seqOf.get(no)?.seq ?? 0) + 1, seq);
    return { no, parts: NO_PARTS };
  }

  /** Writes the changes of events that change the definition of the tree. */
  #followDefinition(no: number, run: RunFacts, event: DefinitionChange): void {
    switch (event.type) {
      case 'TaskUpdated': {
        const task = run.tasks.find(({ id, deleted }) => id === event.taskId && !deleted);
        if (task !== undefined) this.#definitions.update(no, run, task);
        this.#reshape(no, run.tree);
        return;
      }
      case 'TasksDeleted':
        this.#reshape(no, run.tree);
        return;
    }
    event satisfies never;
  }

  /** Takes out the rows of tasks that have left; answers the ids of those that have come so far. */
  #follow(no: number, { added, removed }: Growth, before: ReadonlySet<string> | undefined): ReadonlySet<string> {
    if (removed.length > 0) this.#definitions.flush();
    for (const id of removed) {
      const place = this.#locator.find(id);
      if (place?.treeNo === no) this.#deleteRow(no, place.index);
    }
    const ids = new Set<string>(before);
    for (const { id } of added) ids.add(id);
    return ids;
  }

  /** Writes the rows of tasks that have come and are still there. */
  #grow(no: number, part: TreeAppend, added: ReadonlySet<string>): void {
    this.#definitions.insertAdded(no, part, added);
    this.#reshape(no, part.tree);
  }

  #reshape(no: number, { name, taskCount }: TreeFacts): void {
    this.#updateShape.run(name, taskCount, no);
  }

  #deleteRow(no: number, index: number): void {
    this.#executions.flush();
    this.#definitions.delete(no, index);
  }
}

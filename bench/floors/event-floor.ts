/**
 * Event-sourced floor: the least that a durable engine with an event log must write. Per task three events (created, started,
 * ended) and a state row; a task runs only after its start is durable; what is decided within one turn shares a commit.
 *
 * `own-commit`: a start is decided when the completion that allows it is durable. `shared-commit`: it is decided before that
 * completion is written and shares its commit, so a chain needs one commit per task instead of two.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { OpenSubject, Subject } from '../subject.ts';
import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask } from '../workload.ts';
import { createReadyTree } from './run-ready.ts';

const CREATED = 0;
const STARTED = 1;
const ENDED = 2;
/** A list of dependencies longer than this is written as its length, so that one wide task is not all that is measured. */
const LISTED_MAX = 16;

const SCHEMA = `
  CREATE TABLE tree(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE event(seq INTEGER PRIMARY KEY, tree INTEGER NOT NULL, task TEXT NOT NULL, type INTEGER NOT NULL, at INTEGER NOT NULL, data TEXT);
  CREATE TABLE task(id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, name TEXT NOT NULL, state INTEGER NOT NULL, dependencies TEXT NOT NULL, output TEXT)`;

export type StartCommit = 'own-commit' | 'shared-commit';

export function eventFloor(synchronous: 'normal' | 'full', starts: StartCommit): Subject {
  return {
    name: `floor-events-${synchronous}${starts === 'shared-commit' ? '-shared' : ''}`,
    open: (dir) => Promise.resolve(open(join(dir, 'floor.db'), synchronous, starts)),
  };
}

function open(file: string, synchronous: 'normal' | 'full', starts: StartCommit): OpenSubject {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.exec(SCHEMA);
  const log = new FloorLog(database);
  return {
    run: (workload, witness) =>
      inLanes(workload.trees.length, workload.treesAtOnce, (index) =>
        runTree(log, {
          tasks: workload.trees[index] as readonly WorkTask[],
          concurrency: workload.concurrency,
          execute: (name) => witness.execute(index, name),
          starts,
        }),
      ),
    countStored: () => Promise.resolve(countStored(file)),
    close: () => Promise.resolve(void database.close()),
  };
}

interface TreeRun {
  readonly tasks: readonly WorkTask[];
  readonly concurrency: number;
  readonly execute: (name: string) => ReturnType<Witness['execute']>;
  readonly starts: StartCommit;
}

async function runTree(log: FloorLog, run: TreeRun): Promise<void> {
  const { tasks } = run;
  let ids: TreeIds = { treeId: 0, firstTaskId: 0 };
  await log.staged((nowMs) => {
    ids = log.created(tasks, nowMs);
  });
  await new Promise<void>((ended, reject) => {
    const rowOf = (position: number, nowMs: number): TaskRow => ({
      treeId: ids.treeId,
      taskId: ids.firstTaskId + position,
      name: nameOf(tasks, position),
      nowMs,
    });
    const goOn = (position: number): void => {
      tree.settle(position);
      tree.pump();
    };
    const end = (position: number, output: string): void =>
      run.starts === 'own-commit'
        ? log.stage(
            (nowMs) => log.ended(rowOf(position, nowMs), output),
            () => goOn(position),
          )
        : log.stage(
            (nowMs) => {
              log.ended(rowOf(position, nowMs), output);
              goOn(position);
            },
            () => {},
          );
    const start = (position: number): void =>
      log.stage(
        (nowMs) => log.started(rowOf(position, nowMs)),
        () => {
          run.execute(nameOf(tasks, position)).then((output) => end(position, JSON.stringify(output)), reject);
        },
      );
    const tree = createReadyTree(tasks, { concurrency: run.concurrency, start, ended });
    tree.pump();
  });
  await log.flushed();
}

function nameOf(tasks: readonly WorkTask[], position: number): string {
  return (tasks[position] as WorkTask).name;
}

interface TreeIds {
  readonly treeId: number;
  /** Those of the other tasks follow. */
  readonly firstTaskId: number;
}

interface TaskRow {
  readonly treeId: number;
  readonly taskId: number;
  readonly name: string;
  readonly nowMs: number;
}

interface StagedWrites {
  readonly write: (nowMs: number) => void;
  readonly after: () => void;
}

/** The file, and group commit: what is staged within one turn of the event loop is written in one transaction. */
class FloorLog {
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #insertTree: Database.Statement;
  readonly #insertEvent: Database.Statement;
  readonly #insertTask: Database.Statement;
  readonly #updateTask: Database.Statement;
  #staged: StagedWrites[] = [];
  #isScheduled = false;
  #nextTreeId = 1;
  #nextTaskId = 1;

  constructor(database: Database.Database) {
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#insertTree = database.prepare('INSERT INTO tree(id, name) VALUES (?, ?)');
    this.#insertEvent = database.prepare('INSERT INTO event(tree, task, type, at, data) VALUES (?, ?, ?, ?, ?)');
    this.#insertTask = database.prepare('INSERT INTO task(id, tree, name, state, dependencies) VALUES (?, ?, ?, 0, ?)');
    this.#updateTask = database.prepare('UPDATE task SET state = ?, output = ? WHERE id = ?');
  }

  /** Has `write` called within the next transaction, and `after` once that is durable. What `write` stages is written with it. */
  stage(write: StagedWrites['write'], after: StagedWrites['after']): void {
    this.#staged.push({ write, after });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  /** The same; resolves once it is durable. */
  staged(write: StagedWrites['write']): Promise<void> {
    return new Promise((resolve) => this.stage(write, resolve));
  }

  /** Resolves when everything staged so far is durable. */
  flushed(): Promise<void> {
    return this.#staged.length === 0 ? Promise.resolve() : this.staged(() => {});
  }

  created(tasks: readonly WorkTask[], nowMs: number): TreeIds {
    const treeId = this.#nextTreeId++;
    const firstTaskId = this.#nextTaskId;
    this.#nextTaskId += tasks.length;
    this.#insertTree.run(treeId, `tree ${treeId}`);
    for (const [position, { name, dependencies }] of tasks.entries()) {
      const text = dependencies.length > LISTED_MAX ? String(dependencies.length) : JSON.stringify(dependencies);
      this.#insertEvent.run(treeId, name, CREATED, nowMs, text);
      this.#insertTask.run(firstTaskId + position, treeId, name, text);
    }
    return { treeId, firstTaskId };
  }

  started({ treeId, taskId, name, nowMs }: TaskRow): void {
    this.#insertEvent.run(treeId, name, STARTED, nowMs, null);
    this.#updateTask.run(STARTED, null, taskId);
  }

  ended({ treeId, taskId, name, nowMs }: TaskRow, output: string): void {
    this.#insertEvent.run(treeId, name, ENDED, nowMs, output);
    this.#updateTask.run(ENDED, output, taskId);
  }

  readonly #flush = (): void => {
    const staged = this.#staged;
    this.#begin.run();
    // Grows while it is walked: what a write decides is written by the same transaction.
    for (let index = 0; index < staged.length; index++) staged[index]?.write(Date.now());
    this.#commit.run();
    this.#staged = [];
    this.#isScheduled = false;
    for (const { after } of staged) after();
  };
}

/** With a connection of its own: only what was committed counts. */
function countStored(file: string): number {
  const database = new Database(file, { readonly: true });
  const row = database
    .prepare<[], { readonly count: number }>(
      'SELECT count(*) AS count FROM task WHERE state = 2 AND output IS NOT NULL',
    )
    .get();
  database.close();
  return row?.count ?? 0;
}

/** Rows of `task_execution`. Rows wait until there are as many as one statement writes, see `multi-row.ts`. */
import type { TaskFacts } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { columnText } from '../record/large-values.ts';
import type { Contents } from './contents.ts';
import { TASK_STATUS_CODES } from '../record/codes.ts';
import { rareText, valueText } from '../record/rows.ts';
import { MultiRowInsert, type SqlValue } from './multi-row.ts';

const EXECUTION = {
  head: 'REPLACE INTO task_execution (no, status, attempt, input, output, ready_at_ms, started_at_ms, ended_at_ms, rare)',
  row: '((? << 32) | ?, ?, ?, ?, ?, ?, ?, ?, ?)',
};

/** Least number of neighbouring ready tasks whose rows are written with one statement. */
const READY_RUN_MIN = 8;

export class ExecutionRows {
  readonly #rows: MultiRowInsert;
  readonly #ready: Statement<SqlValue[]>;
  readonly #beforeRange: () => void;
  readonly #contents: Contents;

  /** `beforeRange` writes the waiting rows of tasks, because a range of executions is made from these rows. */
  constructor(
    database: Database,
    { contents, beforeRange }: { readonly contents: Contents; readonly beforeRange: () => void },
  ) {
    this.#contents = contents;
    this.#rows = new MultiRowInsert(database, EXECUTION);
    this.#ready = database.prepare(
      `REPLACE INTO task_execution (no, status, attempt, ready_at_ms)
        SELECT no, ${TASK_STATUS_CODES.ready}, 0, ? FROM task WHERE no BETWEEN ((? << 32) | ?) AND ((? << 32) | ?)`,
    );
    this.#beforeRange = beforeRange;
  }

  write(no: number, task: TaskFacts): void {
    const at = this.#rows.next();
    const { values } = this.#rows;
    values[at] = no;
    values[at + 1] = task.index;
    values[at + 2] = TASK_STATUS_CODES[task.status];
    values[at + 3] = task.attempt;
    values[at + 4] = this.#column(no, task.input);
    values[at + 5] = this.#column(no, task.output);
    values[at + 6] = task.readyAtMs ?? null;
    values[at + 7] = task.startedAtMs ?? null;
    values[at + 8] = task.endedAtMs ?? null;
    values[at + 9] = rareText(task);
  }

  #column(no: number, value: unknown): string | null {
    return columnText(value, valueText(value), (text) => this.#contents.keep(no, text));
  }

  /** Writes, with one statement, the rows of neighbouring tasks that became ready together. Returns their number; 0: there are too few. */
  writeReady(no: number, tasks: readonly TaskFacts[], from: number): number {
    const count = readyRun(tasks, from);
    if (count < READY_RUN_MIN) return 0;
    const { index, readyAtMs } = tasks[from] as TaskFacts;
    this.#beforeRange();
    this.#ready.run(readyAtMs ?? null, no, index, no, index + count - 1);
    return count;
  }

  flush(): void {
    this.#rows.flush();
  }

  clear(): void {
    this.#rows.clear();
  }
}

/** Number of tasks, from a place on, that are neighbours in the tree and became ready together for the first time. */
function readyRun(changed: readonly TaskFacts[], from: number): number {
  const first = changed[from] as TaskFacts;
  let count = 0;
  for (let task: TaskFacts | undefined = first; task !== undefined; task = changed[from + count]) {
    const isNext = task.index === first.index + count && task.readyAtMs === first.readyAtMs;
    if (!isNext || task.status !== 'ready' || task.attempt > 0 || task.deleted || task.rare !== undefined) break;
    count++;
  }
  return count;
}

/**
 * The SQL of `list` and `count`. One table leads: its index is walked in the order of the listing, so no query sorts rows that it does not
 * return. The tags lead when a tag is asked for, the trees by status or user when there is such a filter, else the trees by number.
 */
import type { RunStatus, TaskFilter, TaskStatus } from '@coppice/core';
import { RUN_STATUS_CODES, TASK_STATUS_CODES } from '../record/codes.ts';
import { folded, idPrefixOf, type Place } from '../record/page.ts';
import { LISTED, TASK_JOINS } from './columns.ts';
import type { SqlValue } from './multi-row.ts';

export interface Query {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** A part of a WHERE clause. */
interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export interface ListRequest {
  readonly filter: TaskFilter;
  readonly after: Place | undefined;
  readonly limit: number;
}

/** Rows after a place, in the order of the listing, at most `limit`. With a filter by run status, `status` is the one code to look for. */
export function listQuery({ filter, after, limit }: ListRequest): Query {
  const conditions = [...conditionsOf(filter), ...afterPlace(filter, after)];
  const order = filter.tag === undefined ? (filter.rootOnly ? 't.no DESC' : 't.no DESC, k.no DESC') : 'g.no DESC';
  return {
    sql: `SELECT ${LISTED} ${fromOf(filter)} ${TASK_JOINS} ${whereOf(conditions)} ORDER BY ${order} LIMIT ?`,
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
}

/** Rows `{status, count}`; statuses are codes. */
export function countQuery(filter: TaskFilter): Query {
  const conditions = conditionsOf(filter);
  const status = filter.rootOnly ? 't.status' : 'coalesce(x.status, 0)';
  const joins = filter.rootOnly ? '' : 'LEFT JOIN task_execution x ON x.no = k.no';
  return {
    sql: `SELECT ${status} AS status, count(*) AS count ${fromOf(filter)} ${joins} ${whereOf(conditions)} GROUP BY 1`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** CROSS JOIN tells SQLite which table leads. */
function fromOf({ tag, rootOnly }: TaskFilter): string {
  if (tag !== undefined) {
    return 'FROM task_tag g CROSS JOIN task k ON k.no = g.no CROSS JOIN tree t ON t.no = (g.no >> 32)';
  }
  return rootOnly
    ? 'FROM tree t CROSS JOIN task k ON k.no = ((t.no << 32) | t.root_index)'
    : 'FROM tree t CROSS JOIN task k ON k.no BETWEEN (t.no << 32) AND ((t.no << 32) | 0xffffffff)';
}

function conditionsOf(filter: TaskFilter): Condition[] {
  const { tag, userId, treeIds, search, rootOnly, createdBeforeMs } = filter;
  const conditions: Condition[] = [];
  if (tag !== undefined) conditions.push({ sql: 'g.tag = ?', values: [tag] });
  if (tag !== undefined && rootOnly) conditions.push({ sql: 'k.parent IS NULL', values: [] });
  // One text for any number of ids, so that the statement is prepared once.
  if (treeIds !== undefined)
    conditions.push({ sql: 't.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(treeIds)] });
  if (userId !== undefined) conditions.push({ sql: 't.user_id = ?', values: [userId] });
  if (createdBeforeMs !== undefined) conditions.push({ sql: 't.created_at_ms < ?', values: [createdBeforeMs] });
  if (search !== undefined) conditions.push(ofSearch(search));
  if (filter.status !== undefined) conditions.push(...(rootOnly ? ofRuns(filter.status) : ofTasks(filter.status)));
  return conditions;
}

function ofSearch(search: string): Condition {
  const name = 'instr(folded(k.name), ?) > 0';
  const prefix = idPrefixOf(search);
  if (prefix === undefined) return { sql: name, values: [folded(search)] };
  return { sql: `(${name} OR instr(t.id, ?) = 1)`, values: [folded(search), prefix] };
}

function ofRuns(statuses: readonly string[]): Condition[] {
  const codes = statuses.flatMap((status) => RUN_STATUS_CODES[status as RunStatus] ?? []);
  return [{ sql: `t.status IN (${codes.map(() => '?').join(', ')})`, values: codes }];
}

/** The bits of a tree's row let the query leave out trees without such a task. */
function ofTasks(statuses: readonly string[]): Condition[] {
  const codes = statuses.flatMap((status) => TASK_STATUS_CODES[status as TaskStatus] ?? []);
  const bits = codes.reduce((sum, code) => sum | (1 << code), 0);
  return [
    { sql: '(t.task_statuses & ?) <> 0', values: [bits] },
    { sql: `coalesce(x.status, 0) IN (${codes.map(() => '?').join(', ')})`, values: codes },
  ];
}

function afterPlace({ tag, rootOnly }: TaskFilter, after: Place | undefined): Condition[] {
  if (after === undefined) return [];
  const { treeNo, index } = after;
  if (tag !== undefined) return [{ sql: 'g.no < ((? << 32) | ?)', values: [treeNo, index] }];
  if (rootOnly) return [{ sql: 't.no < ?', values: [treeNo] }];
  return [
    { sql: 't.no <= ?', values: [treeNo] },
    { sql: 'k.no < ((? << 32) | ?)', values: [treeNo, index] },
  ];
}

function whereOf(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
}

/** Lists of columns for the rows of `record/rows.ts`. `t` is the tree, `k` the task, `x` its execution, `p` its parent. */

const DEFINITION = `k.id AS id, t.id AS treeId, t.root_index AS rootIndex, k.parent AS parent, p.id AS parentId,
  k.no & 0xffffffff AS "index", k.key AS key, k.name AS name, k.executor AS executor, k.dependencies AS dependencies, k.rest AS rest`;

const EXECUTION = `x.status AS status, x.attempt AS attempt, x.input AS input, x.output AS output,
  x.ready_at_ms AS readyAtMs, x.started_at_ms AS startedAtMs, x.ended_at_ms AS endedAtMs, x.rare AS rare`;

export const TASK = `${DEFINITION}, ${EXECUTION}`;

/** Joins that `TASK` needs beside `k` and `t`. */
export const TASK_JOINS = `LEFT JOIN task_execution x ON x.no = k.no LEFT JOIN task p ON p.no = ((t.no << 32) | k.parent)`;

export const LISTED = `${TASK}, t.status AS runStatus, t.user_id AS userId, t.no AS treeNo`;

export const TREE = `id, name, user_id AS userId, status, seq, counts, task_count AS taskCount, inputs, variables, policies,
  definition_hash AS definitionHash, origin, error, reason, result, created_at_ms AS createdAtMs, started_at_ms AS startedAtMs,
  ended_at_ms AS endedAtMs, deadline_at_ms AS deadlineAtMs, pauses`;

export const SEGMENT = `no & 0xffffffff AS firstSeq, version, lines, checks`;

/** Condition: a key lies in the tree whose number is bound twice. */
export const inTree = (column: string): string => `${column} BETWEEN (? << 32) AND ((? << 32) | 0xffffffff)`;

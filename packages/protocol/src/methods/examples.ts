/** Values that the methods' examples share. */
import { SHOWN_DEFAULTS } from '../wire/definition-fields.ts';
import type { NestedTask, Task, Tree } from '../wire/task.ts';

const TREE_ID = '019a9c5e-7f00-7000-8000-000000000001';
const AT = '2026-11-20T12:00:00.000Z';

export const exampleTree: Tree = {
  treeId: TREE_ID,
  name: 'greet',
  userId: 'local',
  status: 'created',
  seq: 1,
  taskCount: 1,
  counts: { pending: 1, ready: 0, running: 0, waiting: 0, completed: 0, failed: 0, skipped: 0, cancelled: 0 },
  fraction: 0,
  inputs: {},
  variables: {},
  policies: {},
  definitionHash: 'b5bb9d8014a0f9b1',
  origin: null,
  error: null,
  reason: null,
  result: null,
  createdAt: AT,
  startedAt: null,
  endedAt: null,
  deadlineAt: null,
  pauses: [],
};

export const exampleTask: Task = {
  id: TREE_ID,
  treeId: TREE_ID,
  parentId: null,
  key: 'greet',
  name: 'greet',
  ...SHOWN_DEFAULTS,
  executor: 'command',
  inputs: { command: 'echo', args: ['hello'] },
  outputTemplate: null,
  status: 'pending',
  attempt: 0,
  input: null,
  output: null,
  outputPort: null,
  error: null,
  reason: null,
  reused: false,
  progress: null,
  progressMessage: null,
  dueAt: null,
  readyAt: null,
  startedAt: null,
  endedAt: null,
};

export const exampleNestedTask: NestedTask = { ...exampleTask, childCount: 0, children: [], tree: exampleTree };
export const exampleTaskId = TREE_ID;
export const exampleTime = AT;
export const exampleSubscriptionId = '019a9c5e-7f00-7000-8000-0000000000aa';

/** JSON-RPC requests with every optional field, about a task `known` that has run and a task `pending` that has not. */
import type { JsonValue } from 'fast-check';

/** One request per method that has optional fields. */
export const RICH_REQUESTS: readonly JsonValue[] = Object.entries({
  'tasks.list': { status: ['created', 'running'], rootOnly: false, search: 'a', tag: 't', limit: 5, cursor: 'MS4w' },
  'tasks.events': { treeId: 'known', afterSeq: 1, limit: 3 },
  'tasks.subscribe': { treeId: 'known', userId: 'local', afterSeq: 1 },
  'tasks.tree': { taskId: 'known', depth: 3, subtreeOnly: true },
  'tasks.retry': { taskId: 'known', mode: 'failure', inputs: { x: 1 }, cascade: false },
  'tasks.cancel': { taskIds: ['known', 'unknown'], reason: 'r', force: true },
  'tasks.copy': {
    taskId: 'known',
    mode: 'custom',
    taskIds: ['known'],
    includeDependents: true,
    overrides: { known: { inputs: { text: 'x' }, executor: 'echo', priority: 1, policies: { timeoutMs: 5 } } },
    save: false,
  },
  'tasks.update': {
    taskId: 'pending',
    patch: {
      name: 'n',
      inputs: { text: '${{ 1 + 1 }}' },
      priority: 1,
      policies: { timeoutMs: 10, retry: { maxAttempts: 2, strategy: 'exponential', delayMs: 1, jitter: 'full' } },
      tags: ['t'],
      metadata: { a: [1, { b: null }] },
      dependencies: [],
    },
  },
  'tasks.create': {
    tasks: [
      {
        id: 'r',
        name: 'r',
        executor: 'echo',
        inputs: { text: '${{ inputs.x + vars.v }}' },
        dependencies: [
          { task: 's', required: false, on: ['failure'], port: 'p', condition: 'output == null', enabled: true },
        ],
        join: 'settled',
        priority: 0,
        policies: { idempotencyKey: '${{ task.id }}', heartbeatTimeoutMs: 100, onFailure: 'failFast' },
        port: 'p',
        allowFailure: true,
        notBefore: '2026-11-20T12:00:00+01:00',
        capabilities: ['c'],
        tags: ['t'],
        metadata: { m: 1 },
      },
      { id: 's', parentId: 'r', executor: 'echo' },
    ],
    inputs: { x: 'y' },
    variables: { v: 'w' },
    policies: { concurrency: 1, timeoutMs: 100, runTimeoutMs: 1000, retryBudget: 2, retry: { deny: ['a*'] } },
    userId: 'local',
    idempotencyKey: 'key',
    reidentify: true,
  },
}).map(([method, params], index) => ({ jsonrpc: '2.0', id: -index, method, params }));

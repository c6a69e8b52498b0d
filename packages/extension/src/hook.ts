/** Hooks: code around attempts and runs. */
import type { TaskId, TreeId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** What a hook is told about an attempt. */
export interface AttemptInfo {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly taskName: string;
  readonly executor: string;
  readonly attempt: number;
  readonly input: JsonObject;
}

/** What a hook is told about a tree. */
export interface TreeInfo {
  readonly treeId: TreeId;
  readonly status: string;
}

/** What a hook is told about a circuit breaker that has changed. */
export interface BreakerInfo {
  /** Name of its gate: `breaker:TYPE` or `breaker:TYPE:KEY`. */
  readonly breaker: string;
  readonly state: 'open' | 'halfOpen' | 'closed';
  /** Epoch ms. */
  readonly atMs: number;
  /** Why it has opened: calls that were looked at, and those of them that failed. Absent: it has not. */
  readonly calls?: number;
  readonly failures?: number;
  /** Somebody has reset it. */
  readonly isReset: boolean;
}

/**
 * Code around attempts and tree lifecycles; sync or async, always awaited.
 * Order: by `order` (default 0), then by name; `after…` hooks in reverse. A throwing `beforeAttempt` fails the attempt (as an executor's throw would);
 * any other throwing hook is logged and changes nothing.
 */
export interface Hook {
  readonly name: string;
  readonly order?: number;
  beforeAttempt?(attempt: AttemptInfo): void | Promise<void>;
  afterAttempt?(
    attempt: AttemptInfo,
    result: { readonly status: 'completed' | 'failed' | 'cancelled' },
  ): void | Promise<void>;
  treeCreated?(tree: TreeInfo): void | Promise<void>;
  runStarted?(tree: TreeInfo): void | Promise<void>;
  runEnded?(tree: TreeInfo): void | Promise<void>;
  /** Called once the change is durable. */
  breakerChanged?(breaker: BreakerInfo): void | Promise<void>;
}

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
}

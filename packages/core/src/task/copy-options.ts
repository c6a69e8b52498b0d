/** Options of a task copy (spec: "Copy"). */
import type { JsonObject } from './json.ts';
import type { TaskId, TaskPolicies } from './task.ts';

export type CopyMode = 'minimal' | 'full' | 'custom';

/** What a copy may change on one task, by the original's id. */
export interface CopyOverride {
  readonly inputs?: JsonObject | undefined;
  readonly executor?: string | undefined;
  readonly priority?: number | undefined;
  readonly policies?: TaskPolicies | undefined;
}

export interface CopyOptions {
  /** Default `minimal`. */
  readonly mode?: CopyMode | undefined;
  /** The tasks of a custom copy. A group without any listed task below it stands for its whole sub-tree. */
  readonly taskIds?: readonly TaskId[] | undefined;
  /** Custom copies: add missing dependents instead of refusing. Default true. */
  readonly includeDependents?: boolean | undefined;
  readonly overrides?: Readonly<Record<string, CopyOverride>> | undefined;
}

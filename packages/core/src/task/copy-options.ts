/** Options of a task copy (spec: "Copy"). */
import type { TaskId } from '@coppice/extension';
import type { FieldsWith } from './fields.ts';
import type { TaskSubmission } from './submission.ts';

export type CopyMode = 'minimal' | 'full' | 'custom';

/** Fields of one task that a copy may change. */
export type CopyOverride = Pick<TaskSubmission, FieldsWith<{ readonly override: true }>>;

export interface CopyOptions {
  /** Default `minimal`. */
  readonly mode?: CopyMode | undefined;
  /** The tasks of a custom copy. A group without any listed task below it stands for its whole sub-tree. */
  readonly taskIds?: readonly TaskId[] | undefined;
  /** Custom copies: add missing dependents instead of refusing. Default true. */
  readonly includeDependents?: boolean | undefined;
  readonly overrides?: Readonly<Record<string, CopyOverride>> | undefined;
}

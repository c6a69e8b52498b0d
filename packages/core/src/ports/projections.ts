/**
 * Port: the rows that follow from logs. Appends write rows from the facts of a run (`run/facts.ts`). This port changes the rows of a tree
 * whose log can not be read. Faults of the environment are thrown as `TransientError`.
 */
import type { TaskError, TreeId } from '@coppice/extension';
import type { RunFacts } from '../run/facts.ts';

export interface Projections {
  /**
   * Sets a tree aside because its log can not be read: its run and its tasks that had not ended are shown as `failed` with this error.
   * The log stays as it is. An unknown tree is ignored.
   */
  quarantine(treeId: TreeId, error: TaskError): Promise<void>;
  /** Cuts the log after the last event of `run`, writes the rows of all tasks, and puts the tree back among the others. */
  restore(run: RunFacts): Promise<void>;
  /** Trees that are set aside, oldest first. */
  listQuarantined(): Promise<readonly TreeId[]>;
}

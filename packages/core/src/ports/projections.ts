/**
 * Port: the rows that follow from logs. Appends write them, from the facts that the core makes of what changed (`run/facts.ts`); here is what
 * is done when a log can not be read. Environment faults are thrown as `TransientError`.
 */
import type { TaskError, TreeId } from '@coppice/extension';
import type { RunFacts } from '../run/facts.ts';

export interface Projections {
  /**
   * Sets a tree aside whose log can not be read: its run and the tasks that were under way are shown as `failed` with this error.
   * The log stays as it is. Unknown tree: nothing happens.
   */
  quarantine(treeId: TreeId, error: TaskError): Promise<void>;
  /** The log holds up to the tree's last event: what follows it goes, the rows are those of `tasks` (all), and the tree is not set aside. */
  restore(run: RunFacts): Promise<void>;
  /** Trees that are set aside, oldest first. */
  listQuarantined(): Promise<readonly TreeId[]>;
}

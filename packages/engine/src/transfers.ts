/** What the engine answers about whole runs that leave and come. */
import type { LogChunk, Outcome, RunEvent, RunStatus, TreeId } from '@coppice/core';

/** A run that was brought in. */
export interface ImportedRun {
  readonly treeId: TreeId;
  readonly status: RunStatus;
  /** Number of events. */
  readonly seq: number;
  /** SHA-256 of all that is known of the run after its last event. */
  readonly hash: string;
  /** false: it was stored already. */
  readonly isNew: boolean;
}

export interface TransferRequests {
  /** The last event of a stored run, and the hash of all that is known of it then. */
  stateHash(treeId: TreeId): Promise<Outcome<{ readonly seq: number; readonly hash: string }>>;
  /**
   * Stores a whole run that has ended, with its ids. A run that is stored already with the same state is left as it is. `isDryRun`: stores nothing.
   */
  importRun(
    run: { readonly events: readonly RunEvent[]; readonly logs?: readonly LogChunk[] },
    options?: { readonly isDryRun?: boolean },
  ): Promise<Outcome<ImportedRun>>;
}

/** Port: a store of logs, of what is shown of them, and of snapshots. */
import type { TreeId } from '@coppice/extension';
import type { EventLog } from './event-log.ts';
import type { Projections } from './projections.ts';
import type { Snapshots } from './snapshots.ts';
import type { TreeIndex } from './tree-index.ts';

export interface Store extends EventLog, Projections, TreeIndex, Snapshots {
  /** Opens, migrates and takes the writer's lock (unless `readOnly`). A second writer is refused with code `storage/locked`. Calling it twice is harmless. */
  open(): Promise<void>;
  /** Releases everything. Calling it twice is harmless. */
  close(): Promise<void>;

  /** Durable position of a named subscriber in a tree's log; 0 when unknown. */
  loadCursor(subscriberId: string, treeId: TreeId): Promise<number>;
  saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void>;
  /** Trees whose log goes on behind the subscriber's position, oldest first. May read the row of every tree: for the start. */
  listBehind(subscriberId: string): Promise<readonly TreeId[]>;

  /** For `system.health`: throws when the store can not be read. */
  ping(): Promise<void>;
}

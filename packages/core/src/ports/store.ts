/** Port: a store of logs, of the rows that follow from them, of snapshots, and of what tasks wrote. */
import type { TreeId } from '@coppice/extension';
import type { EventLog } from './event-log.ts';
import type { Projections } from './projections.ts';
import type { Snapshots } from './snapshots.ts';
import type { TaskLogs } from './task-logs.ts';
import type { TreeIndex } from './tree-index.ts';

export interface Store extends EventLog, Projections, TreeIndex, Snapshots, TaskLogs {
  /** Opens and migrates the store and takes the writer's lock (unless `readOnly`). Refuses a second writer with `storage/locked`. May be called twice. */
  open(): Promise<void>;
  /** Releases everything. May be called twice. */
  close(): Promise<void>;

  /** Durable position of a named subscriber in a tree's log; 0 when unknown. */
  loadCursor(subscriberId: string, treeId: TreeId): Promise<number>;
  saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void>;
  /** Trees with events after the subscriber's position, oldest first. May read the row of every tree, so call it only at the start. */
  listBehind(subscriberId: string): Promise<readonly TreeId[]>;

  /** Throws when the store can not be read. Used by `system.health`. */
  ping(): Promise<void>;
}

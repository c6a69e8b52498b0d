/** What is rarely used: saving snapshots, subscribers' cursors. Through TypeORM's repositories; each write is one statement. */
import type { Snapshot, TreeId } from '@coppice/core';
import type { DataSource } from 'typeorm';
import { SNAPSHOTS_KEPT } from '../record/snapshots.ts';
import { snapshotEntity, subscriberCursorEntity } from './entities.ts';

export class ColdTables {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    const { treeId, seq, version, state, checksum } = snapshot;
    const snapshots = this.#source.getRepository(snapshotEntity);
    await snapshots.upsert({ treeId, seq, version, state, checksum }, ['treeId', 'seq']);
    const kept = await snapshots.find({
      select: { seq: true },
      where: { treeId },
      order: { seq: 'DESC' },
      take: SNAPSHOTS_KEPT,
    });
    const oldest = kept.at(-1)?.seq ?? 0;
    await snapshots
      .createQueryBuilder()
      .delete()
      .where('tree_id = :treeId AND seq < :oldest', { treeId, oldest })
      .execute();
  }

  async deleteSnapshots(treeId: TreeId): Promise<void> {
    await this.#source.getRepository(snapshotEntity).delete({ treeId });
  }

  async loadCursor(subscriberId: string, treeId: TreeId): Promise<number> {
    const found = await this.#source.getRepository(subscriberCursorEntity).findOneBy({ treeId, subscriberId });
    return found?.seq ?? 0;
  }

  async saveCursor(subscriberId: string, treeId: TreeId, seq: number): Promise<void> {
    const cursors = this.#source.getRepository(subscriberCursorEntity);
    await cursors.upsert({ treeId, subscriberId, seq }, ['treeId', 'subscriberId']);
  }
}

/** Tables that are rarely used: the cursors of subscribers. They are used through TypeORM; each write is one statement. */
import type { TreeId } from '@coppice/core';
import type { DataSource } from 'typeorm';
import { subscriberCursorEntity } from './entities.ts';

export class ColdTables {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
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

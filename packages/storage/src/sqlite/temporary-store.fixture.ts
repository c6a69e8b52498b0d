/** SQLite stores in folders of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';

export interface TemporaryStore {
  readonly store: SqliteStore;
  readonly file: string;
  /** Closes the store and removes its folder. */
  dispose(): Promise<void>;
}

/** A store that is not open yet. */
export async function temporaryStore(options: Omit<SqliteStoreOptions, 'file'> = {}): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-store-'));
  const file = join(folder, 'runs.db');
  const store = new SqliteStore({ file, ...options });
  return {
    store,
    file,
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The store that the configuration names: a built-in one, or a contributed one. */
import { join } from 'node:path';
import type { Store } from '@coppice/core';
import type { ExtensionLoader } from '@coppice/engine';
import { MemoryStore, SqliteStore } from '@coppice/storage';
import type { ServerConfig } from '../config.ts';
import { StartError } from '../start-error.ts';

/** Name of the SQLite file in the data directory. */
export const DATABASE_FILE = 'coppice.db';

/** Builds the store; nothing is opened yet. */
export async function buildStore(
  { dataDir, store }: ServerConfig,
  loader: ExtensionLoader,
  readOnly: boolean,
): Promise<Store> {
  if (store.kind === 'memory') return new MemoryStore();
  if (store.kind === 'sqlite') {
    return new SqliteStore({ file: join(dataDir, DATABASE_FILE), synchronous: store.synchronous, readOnly });
  }
  const factory = loader.listStores().find(({ name }) => name === store.kind);
  if (factory !== undefined) return factory.create(store.options);
  const names = ['sqlite', 'memory', ...loader.listStores().map(({ name }) => name)];
  throw new StartError(
    'config/unknown-store',
    `store.kind: there is no store "${store.kind}"; known are ${names.join(', ')}.`,
  );
}

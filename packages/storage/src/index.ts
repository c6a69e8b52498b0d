/** @coppice/storage: stores for event logs and their projections. */
export { StoreError, type StoreErrorCode } from './store-error.ts';
export { MemoryStore } from './memory/memory-store.ts';
export { SqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts';
export * from './examine.ts';

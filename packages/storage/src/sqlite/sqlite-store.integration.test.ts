import { storeConformance } from '@coppice/testkit/store-conformance';
import { temporaryStore } from './temporary-store.fixture.ts';

const folders = new WeakMap<object, () => Promise<void>>();

for (const synchronous of ['normal', 'full'] as const) {
  storeConformance(`SqliteStore, synchronous ${synchronous}`, {
    open: async () => {
      const { store, dispose } = await temporaryStore({ synchronous });
      folders.set(store, dispose);
      await store.open();
      return store;
    },
    dispose: async (store) => folders.get(store)?.(),
  });
}

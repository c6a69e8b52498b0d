import type { Store } from '@coppice/core';
import { storeConformance } from '@coppice/testkit/store-conformance';
import { temporaryStore, type TemporaryStore } from './temporary-store.fixture.ts';

const temporaries = new WeakMap<Store, TemporaryStore>();

for (const synchronous of ['normal', 'full'] as const) {
  storeConformance(`SqliteStore, synchronous ${synchronous}`, {
    open: async () => {
      const temporary = await temporaryStore({ synchronous });
      temporaries.set(temporary.store, temporary);
      await temporary.store.open();
      return temporary.store;
    },
    dispose: async (store) => temporaries.get(store)?.dispose(),
  });
}

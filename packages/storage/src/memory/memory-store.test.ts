import { storeConformance } from '@coppice/testkit/store-conformance';
import { MemoryStore } from './memory-store.ts';

storeConformance('MemoryStore', {
  open: async () => {
    const store = new MemoryStore();
    await store.open();
    return store;
  },
  dispose: (store) => store.close(),
});

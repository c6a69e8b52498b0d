/**
 * The contract of the `Store` port as tests: every implementation calls `storeConformance` inside a vitest file and must pass all of it.
 * What only some stores have (files, processes, damaged bytes) is tested beside them.
 */
import { describe } from 'vitest';
import type { Store } from '@coppice/core';
import { describeAppending } from './store-conformance-append.ts';
import { describeCaches } from './store-conformance-caches.ts';
import { describeContents } from './store-conformance-contents.ts';
import { describeEngineStream } from './store-conformance-engine.ts';
import { describeGrowth } from './store-conformance-growth.ts';
import { describeListing } from './store-conformance-listing.ts';
import { describeLog } from './store-conformance-log.ts';
import { describeLogs } from './store-conformance-logs.ts';
import { describeQuarantine } from './store-conformance-quarantine.ts';
import { describeRecords } from './store-conformance-records.ts';

/** How the suite gets a store of its own for each test. */
export interface StoreHarness {
  /** An open, empty store. */
  open(): Promise<Store>;
  /** Closes a store that `open` gave and removes all that it left behind. Called after each test. */
  dispose(store: Store): Promise<void>;
}

/** Declares the tests of the port. */
export function storeConformance(name: string, harness: StoreHarness): void {
  describe(`${name} (R-ST-01)`, () => {
    describeAppending(harness);
    describeGrowth(harness);
    describeRecords(harness);
    describeLog(harness);
    describeListing(harness);
    describeCaches(harness);
    describeQuarantine(harness);
    describeEngineStream(harness);
    describeLogs(harness);
    describeContents(harness);
  });
}

/**
 * Looks for all that can be wrong with a data directory, and mends what is safe to mend. It opens the store by itself: it needs no server,
 * and harms none that works there. To mend something it must be the only writer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteStore, StoreError } from '@coppice/storage';
import { DATABASE_FILE } from '../composition/store.ts';
import type { ServerConfig } from '../config.ts';
import { SERVER_VERSION } from '../version.ts';
import { checkDatabase } from './database-check.ts';
import type { Finding } from './finding.ts';
import { checkFolder } from './folder-check.ts';
import { checkRuns } from './runs-check.ts';

export type { Finding } from './finding.ts';

export interface DoctorOptions {
  readonly config: Pick<ServerConfig, 'dataDir' | 'store'>;
  /** Default false: nothing is changed. */
  readonly repairs?: boolean;
  /** True: a process executes runs here. */
  readonly isServed?: boolean;
  /** Called after each run that was looked at. */
  readonly onRun?: (count: number) => void;
}

/** What was found, as it is found. Throws a TransientError `storage/locked` when it shall repair and another process writes. */
export async function* examine({
  config,
  repairs = false,
  isServed = false,
  onRun = () => {},
}: DoctorOptions): AsyncGenerator<Finding> {
  const { dataDir, store: settings } = config;
  const file = join(dataDir, DATABASE_FILE);
  yield {
    area: 'program',
    severity: 'ok',
    text: `Coppice ${SERVER_VERSION}, Node.js ${process.version}, ${process.platform} ${process.arch}`,
  };
  if (settings.kind !== 'sqlite') {
    yield {
      area: 'database',
      severity: 'note',
      text: `The store is ${settings.kind}: only stores of SQLite can be examined`,
    };
    return;
  }
  if (!existsSync(file)) {
    yield { area: 'folder', severity: 'note', text: `There is no store in ${dataDir} yet` };
    return;
  }
  const store = new SqliteStore({ file, readOnly: !repairs });
  let refusal: StoreError | undefined;
  try {
    await store.open();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    refusal = error;
  }
  try {
    yield* checkFolder(dataDir, repairs);
    yield* checkDatabase(file, repairs && refusal === undefined);
    if (refusal === undefined) yield* checkRuns({ store, repairs, isServed, onRun });
    else yield { area: 'database', severity: 'problem', text: refusal.message };
  } finally {
    await store.close();
  }
}

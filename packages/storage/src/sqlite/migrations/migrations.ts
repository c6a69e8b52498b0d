/** All migrations, in the order in which they are made. */
import { Contents1796750000000 } from './contents.ts';
import { EngineEvents1796300000000 } from './engine-events.ts';
import { InitialSchema1795737600000 } from './initial-schema.ts';
import { Pauses1796200000000 } from './pauses.ts';
import { RunResults1796400000000 } from './run-results.ts';
import { SnapshotPieces1796100000000 } from './snapshot-pieces.ts';
import { SoundLogs1796000000000 } from './sound-logs.ts';
import { TaskLogs1796600000000 } from './task-logs.ts';

export const MIGRATIONS = [
  InitialSchema1795737600000,
  SoundLogs1796000000000,
  SnapshotPieces1796100000000,
  Pauses1796200000000,
  EngineEvents1796300000000,
  RunResults1796400000000,
  TaskLogs1796600000000,
  Contents1796750000000,
];

/** Table in which TypeORM notes the migrations that were made. */
export const MIGRATIONS_TABLE = 'migration';

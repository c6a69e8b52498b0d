/** The parts of an engine that its requests use. */
import type { Clock, Store, TaskId, TreeId } from '@coppice/core';
import type { EngineStream } from './engine-stream.ts';
import type { EngineLimits } from './engine.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { LogWatch } from './logs/log-watch.ts';
import type { LogWriter } from './logs/log-writer.ts';
import type { Logger } from './logger.ts';
import type { DurationEstimates } from './estimates.ts';
import type { Observers } from './observers.ts';
import type { ExtensionRegistry } from './registry/extension-registry.ts';
import type { PastState } from './past-state.ts';
import type { Quarantine } from './quarantine.ts';
import type { RunLoader } from './run-loader.ts';
import type { RunReader } from './run-reader.ts';
import type { Submissions } from './submissions.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface EngineParts {
  readonly kernel: Kernel;
  readonly loader: RunLoader;
  readonly reader: RunReader;
  readonly pastState: PastState;
  readonly quarantine: Quarantine;
  readonly store: Store;
  readonly registry: ExtensionRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly subscriptions: Subscriptions;
  readonly submissions: Submissions;
  readonly observers: Observers;
  readonly logs: LogWriter;
  readonly logWatch: LogWatch;
  readonly engineStream: EngineStream;
  readonly estimates: DurationEstimates;
  readonly limits: EngineLimits;
  /** Absolute folder that relative base folders of submissions start from. */
  readonly baseDir: string;
  readonly cancelGraceMs: number;
  readonly newId: () => string;
  /** Ids of trees that are being created and not stored yet. */
  readonly pendingIds: Set<TaskId>;
  /** Trees that are being created, by user and idempotency key. */
  readonly pendingKeys: Map<string, Promise<TreeId | undefined>>;
}

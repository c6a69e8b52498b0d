/** The options of a kernel. */
import type {
  BreakerChange,
  Clock,
  EventLog,
  ExecutorContext,
  ExpressionEvaluator,
  JsonObject,
  RunEvent,
  Starving,
} from '@coppice/core';
import type { EngineLimits, EngineOptions } from '../engine.ts';
import type { Logger } from '../logger.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import type { LogWriter } from '../logs/log-writer.ts';
import type { Secrets } from '../secrets.ts';
import type { DropReason, LoadedRun } from './loaded-run.ts';

export interface KernelOptions {
  readonly store: EventLog;
  readonly registry: ExtensionRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: EngineLimits;
  readonly expressions: ExpressionEvaluator;
  readonly secrets: Secrets;
  /** Takes what attempts print. */
  readonly logs: LogWriter;
  /** Variables that tasks may read: those that are set, for expressions, and all, for executors. */
  readonly env: { readonly set: JsonObject; readonly all: ExecutorContext['env'] };
  /** Why a user may not have tasks that an executor adds; undefined: all are allowed. */
  readonly refuseAdded: EngineOptions['refuseAdded'];
  readonly defaultTimeoutMs: number;
  readonly ageingMs: number;
  /** After this time without a start a line of waiting tasks starves, ms; 0: none does. */
  readonly starvingAfterMs: number;
  /** How long an attempt that was told to stop may go on before it is abandoned, ms. */
  readonly cancelGraceMs: number;
  /** Base folder of runs whose definition names none. */
  readonly baseDir: string;
  /** Called after each commit, once per run. */
  readonly onCommitted: (loadedRun: LoadedRun, events: readonly RunEvent[]) => void;
  /** A run was dropped from memory: nothing is decided on `loadedRun` any more. Whoever needs the run must load it again. */
  readonly onDropped: (loadedRun: LoadedRun, dropped: DropReason) => void;
  /** A breaker has changed by itself: nothing else knows it yet. */
  readonly onBreakerChange: (change: BreakerChange) => void;
  /** A gate keeps a line of tasks waiting for long. */
  readonly onStarving: (starving: Starving) => void;
  /** Called once, when the engine can not go on. */
  readonly onFailed: (error: unknown) => void;
}

/** Builds the engine: kernel, loader, subscriptions, the requests on top of them, and its start and stop. */
import { DURATION_MS_MAX, isDurationMs, isRunTerminal, type JsonObject, type RunEvent } from '@coppice/core';
import { resolve } from 'node:path';
import { createCelExpressions } from './expressions/cel-expressions.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { EngineStream } from './engine-stream.ts';
import { createIdSource } from './id-source.ts';
import { Observers } from './observers.ts';
import { HookCalls } from './kernel/hook-calls.ts';
import { Kernel } from './kernel/kernel.ts';
import type { KernelOptions } from './kernel/kernel-options.ts';
import type { LoadedRun } from './kernel/loaded-run.ts';
import { resume, startEngine, stopEngine, type Asides } from './lifecycle.ts';
import { silentLogger } from './logger.ts';
import { DurationEstimates } from './estimates.ts';
import { progressOf, watchedGroups } from './progress.ts';
import { Quarantine } from './quarantine.ts';
import { createDefinitionRequests } from './requests/definition-requests.ts';
import { createLogs } from './logs/create-logs.ts';
import { createExecuteRequests } from './requests/execute-requests.ts';
import { createHandRequests } from './requests/hand-requests.ts';
import { createHoldRequests } from './requests/hold-requests.ts';
import { createLogRequests } from './requests/log-requests.ts';
import { createPauseRequests } from './requests/pause-requests.ts';
import { createQueryRequests } from './requests/query-requests.ts';
import { createRunRequests } from './requests/run-requests.ts';
import { createTransferRequests } from './requests/transfer-requests.ts';
import { createWaitRequests } from './requests/wait-requests.ts';
import { reload } from './reload.ts';
import { redactingLogger } from './redacting-logger.ts';
import { RunLoader } from './run-loader.ts';
import { PastState } from './past-state.ts';
import { RunReader } from './run-reader.ts';
import { createSecrets } from './secrets.ts';
import { SnapshotSaver } from './snapshot-saver.ts';
import { createSubmissions, tellStarving } from './gate-alerts.ts';
import { Subscriptions, type CommittedEvents } from './subscriptions.ts';
import { systemClock } from './system-clock.ts';

/** Makes an engine over a store and a registry. Call `start` before use. Throws a RangeError for invalid limits. */
export function createEngine(options: EngineOptions): Engine {
  const { store, registry } = checked(options);
  const baseDir = resolve(options.baseDir ?? '.');
  const clock = options.clock ?? systemClock;
  const logger = redactingLogger(options.logger ?? silentLogger, options.secrets ?? {});
  const subscriptions = new Subscriptions(store, logger, clock);
  const estimates = new DurationEstimates();
  const hooks = new HookCalls(registry, logger);
  const observers = new Observers({ store, registry, clock, logger });
  const snapshots = new SnapshotSaver({ store, clock, logger, every: options.snapshotEvery ?? 200 });
  const secrets = createSecrets(options.secrets ?? {});
  const { logs, logWatch } = createLogs({ store, clock, logger, redact: secrets.redact, limits: options.logLimits });
  const kernel = new Kernel({
    logs,
    store,
    registry,
    clock,
    logger,
    expressions: createCelExpressions(),
    secrets,
    baseDir,
    ...kernelSettings(options),
    onCommitted(loadedRun, events) {
      const { state, treeId } = loadedRun;
      estimates.observe(state, events);
      hooks.observe(state, events);
      if (subscriptions.isFollowed(treeId)) subscriptions.publish(published(loadedRun, events, estimates));
      parts.submissions.committed(loadedRun);
      snapshots.observe(loadedRun);
      observers.committed(treeId);
      logWatch.committed(treeId, events);
    },
    onStarving: (starving) => tellStarving({ subscriptions, logger, clock }, starving),
    onDropped: (loadedRun, dropped) => reload(parts, loadedRun, dropped),
    onBreakerChange: (change) => parts.engineStream.noteBreaker(change),
  });
  const quarantine = new Quarantine(store, logger);
  const reader = new RunReader({ store, quarantine, clock, logger });
  const onMended = (loadedRun: LoadedRun): void => resume(parts, loadedRun);
  const parts: EngineParts = {
    kernel,
    loader: new RunLoader({ kernel, index: store, quarantine, reader, onMended }),
    reader,
    pastState: new PastState({ reader, clock }),
    quarantine,
    store,
    registry,
    clock,
    logger,
    subscriptions,
    submissions: createSubmissions({ kernel, subscriptions, logger, clock }, options.limits),
    observers,
    logs,
    logWatch,
    engineStream: new EngineStream({
      kernel,
      store,
      clock,
      logger,
      onHoldsChanged: () => subscriptions.publishHolds([...kernel.engineState.holds.values()]),
      onLimitSet: () => parts.submissions.changed(),
      onBreakerChanged: (event) => hooks.breakerChanged(event),
    }),
    estimates,
    baseDir,
    ...requestSettings(options),
  };
  return assemble(parts, { hooks, snapshots });
}

function published(loadedRun: LoadedRun, events: readonly RunEvent[], estimates: DurationEstimates): CommittedEvents {
  const { state, treeId } = loadedRun;
  return {
    treeId,
    userId: state.userId,
    events,
    progress: () => progressOf(state, estimates.estimate(state)),
    groups: (ids) => watchedGroups(state, ids),
    hasEnded: isRunTerminal(state.status) && loadedRun.isDurable,
  };
}

function kernelSettings({
  limits = {},
  env = {},
  defaultTimeoutMs = 0,
  ageingMs = 10_000,
  starvingAfterMs = 60_000,
  cancelGraceMs = CANCEL_GRACE_MS,
  refuseAdded,
  onFailed = () => {},
}: EngineOptions): Pick<
  KernelOptions,
  'limits' | 'env' | 'defaultTimeoutMs' | 'ageingMs' | 'starvingAfterMs' | 'cancelGraceMs' | 'onFailed' | 'refuseAdded'
> {
  const times = { defaultTimeoutMs, ageingMs, starvingAfterMs, cancelGraceMs };
  return { limits, env: { set: setVariables(env), all: env }, ...times, onFailed, refuseAdded };
}

const CANCEL_GRACE_MS = 5_000;

function requestSettings({
  limits = {},
  cancelGraceMs = CANCEL_GRACE_MS,
  newId = createIdSource(),
}: EngineOptions): Pick<EngineParts, 'limits' | 'cancelGraceMs' | 'newId' | 'pendingIds' | 'pendingKeys'> {
  return { limits, cancelGraceMs, newId, pendingIds: new Set(), pendingKeys: new Map() };
}

function assemble(parts: EngineParts, asides: Asides): Engine {
  let starting: ReturnType<Engine['start']> | undefined;
  let stopping: Promise<void> | undefined;
  return {
    ...createDefinitionRequests(parts),
    ...createExecuteRequests(parts),
    ...createRunRequests(parts),
    ...createPauseRequests(parts),
    ...createHandRequests(parts),
    ...createWaitRequests(parts),
    ...createHoldRequests(parts),
    ...createLogRequests(parts),
    ...createQueryRequests(parts),
    ...createTransferRequests(parts),
    start: (options) => (starting ??= startEngine(parts, options)),
    stop: (options) => (stopping ??= stopEngine(parts, asides, options?.graceMs ?? parts.cancelGraceMs)),
    subscribe: (options, subscriber) => parts.subscriptions.add(options, subscriber),
    index: parts.store,
    registry: parts.registry,
  };
}

/** Returns the variables that are set. A variable that is not set is unknown to expressions. */
function setVariables(env: NonNullable<EngineOptions['env']>): JsonObject {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function checked(options: EngineOptions): EngineOptions {
  const { defaultTimeoutMs = 0, cancelGraceMs = 0, ageingMs = 0, starvingAfterMs = 0 } = options;
  for (const [name, durationMs] of Object.entries({ defaultTimeoutMs, cancelGraceMs, ageingMs, starvingAfterMs })) {
    if (isDurationMs(durationMs)) continue;
    throw new RangeError(`${name} is ${durationMs}; it must be a number from 0 to ${DURATION_MS_MAX}`);
  }
  return options;
}

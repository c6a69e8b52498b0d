/** An engine as any program would make it, with one executor that a benchmark gives. Events, projections, checks and limits are on. */
import { Contribution, type Executor, type Store } from '@coppice/core';
import {
  createEngine,
  createExtensionRegistry,
  type Engine,
  type EngineLimits,
  type ExtensionLoader,
} from '@coppice/engine';
import { MemoryStore, SqliteStore } from '@coppice/storage';
import { ContainerModule } from 'inversify';
import { join } from 'node:path';

export type StoreMode = 'memory' | 'normal' | 'full';

export const STORE_MODES: readonly StoreMode[] = ['memory', 'normal', 'full'];

/** Higher than any workload's own concurrency, so that every gate is counted and none holds a workload back. */
const GATE_LIMIT = 1_000;

/** The gates that every workload passes. */
function countedGates(executors: readonly Executor[]): EngineLimits {
  return {
    global: GATE_LIMIT,
    perTree: GATE_LIMIT,
    perUser: GATE_LIMIT,
    executors: Object.fromEntries(executors.map(({ type }) => [type, GATE_LIMIT])),
  };
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly close: () => Promise<void>;
}

export function createStore(mode: StoreMode, dir: string): Store {
  return mode === 'memory' ? new MemoryStore() : new SqliteStore({ file: join(dir, 'coppice.db'), synchronous: mode });
}

/** A started engine over the store. */
export async function openEngine(
  store: Store,
  executors: readonly Executor[],
  limits: EngineLimits = countedGates(executors),
): Promise<OpenEngine> {
  const registry = createExtensionRegistry();
  await registry.load(asExtension(executors));
  const engine = createEngine({ store, registry, limits });
  await engine.start();
  return { engine, close: () => closeAll(engine, registry) };
}

async function closeAll(engine: Engine, registry: ExtensionLoader): Promise<void> {
  await engine.stop({ graceMs: 0 });
  await registry.close();
}

function asExtension(executors: readonly Executor[]): Parameters<ExtensionLoader['load']>[0] {
  return {
    manifest: { name: 'bench', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] },
    module: new ContainerModule(({ bind }) => {
      for (const executor of executors) bind(Contribution.Executor).toConstantValue(executor);
    }),
  };
}

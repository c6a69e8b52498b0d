/** Calls the hooks of runs after commits, one after the other, in their order. A failing hook is logged and changes nothing. */
import {
  EVENT_MEANING,
  type BreakerInfo,
  type EngineEventOf,
  type EventMeaning,
  type Hook,
  type RunEvent,
  type RunState,
} from '@coppice/core';
import { errorText } from '../error-text.ts';
import type { Logger } from '../logger.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import { runOwned } from './code-owner.ts';

type LifecycleHook = 'treeCreated' | 'runStarted' | 'runEnded';

const HOOK_WHEN_RUN: Readonly<Record<NonNullable<EventMeaning['run']>, LifecycleHook | undefined>> = {
  'is created': 'treeCreated',
  starts: 'runStarted',
  'is opened again': 'runStarted',
  pauses: undefined,
  'is resumed': undefined,
  ends: 'runEnded',
};

type BreakerEvent = EngineEventOf<'BreakerOpened' | 'BreakerHalfOpened' | 'BreakerClosed'>;

const BREAKER_STATES = {
  BreakerOpened: 'open',
  BreakerHalfOpened: 'halfOpen',
  BreakerClosed: 'closed',
} as const satisfies Readonly<Record<BreakerEvent['type'], BreakerInfo['state']>>;

interface HookCall {
  readonly name: string;
  /** What the log is told of it. */
  readonly about: { readonly treeId: string } | { readonly breaker: string };
  readonly call: (hook: Hook) => unknown;
}

export class HookCalls {
  readonly #registry: ExtensionRegistry;
  readonly #logger: Logger;
  #last: Promise<void> = Promise.resolve();

  constructor(registry: ExtensionRegistry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
  }

  /** Queues the hook calls for committed events. */
  observe(run: RunState, events: readonly RunEvent[]): void {
    const hooks = this.#registry.listHooks();
    if (hooks.length === 0) return;
    for (const { type } of events) {
      const { run: happened } = EVENT_MEANING[type];
      if (happened === undefined) continue;
      const name = HOOK_WHEN_RUN[happened];
      if (name === undefined) continue;
      const info = { treeId: run.treeId, status: run.status };
      this.#call(name, { treeId: run.treeId }, (hook) => hook[name]?.(info));
    }
  }

  /** Queues the hook calls for a change of a breaker that is durable. */
  breakerChanged({ atMs, actor, data, type }: BreakerEvent): void {
    const info: BreakerInfo = {
      breaker: data.breaker,
      state: BREAKER_STATES[type],
      atMs,
      ...('calls' in data ? { calls: data.calls, failures: data.failures } : {}),
      isReset: actor !== undefined,
    };
    this.#call('breakerChanged', { breaker: info.breaker }, (hook) => hook.breakerChanged?.(info));
  }

  #call(name: string, about: HookCall['about'], call: (hook: Hook) => unknown): void {
    const hooks = this.#registry.listHooks();
    if (hooks.length > 0) this.#last = this.#last.then(() => this.#callAll(hooks, { name, about, call }));
  }

  /** Resolves when all queued calls have ended. */
  idle(): Promise<void> {
    return this.#last;
  }

  async #callAll(hooks: readonly Hook[], { name, about, call }: HookCall): Promise<void> {
    for (const hook of hooks) {
      const failed = (thrown: unknown, message: string): void =>
        this.#logger.error({ hook: hook.name, ...about, error: errorText(thrown) }, message);
      const takeUncaught = (thrown: unknown): void =>
        failed(thrown, `A ${name} hook threw where nobody catches errors; nothing else is touched`);
      try {
        await runOwned({ takeUncaught }, () => call(hook), undefined);
      } catch (thrown) {
        failed(thrown, `A ${name} hook failed`);
      }
    }
  }
}

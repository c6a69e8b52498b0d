/** Calls the hooks of runs after commits, one after the other, in their order. A failing hook is logged and changes nothing. */
import {
  EVENT_MEANING,
  type EventMeaning,
  type Hook,
  type RunEvent,
  type RunState,
  type TreeInfo,
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
      this.#last = this.#last.then(() => this.#callAll(hooks, name, info));
    }
  }

  /** Resolves when all queued calls have ended. */
  idle(): Promise<void> {
    return this.#last;
  }

  async #callAll(hooks: readonly Hook[], name: LifecycleHook, info: TreeInfo): Promise<void> {
    for (const hook of hooks) {
      const failed = (thrown: unknown, message: string): void =>
        this.#logger.error({ hook: hook.name, treeId: info.treeId, error: errorText(thrown) }, message);
      const takeUncaught = (thrown: unknown): void =>
        failed(thrown, `A ${name} hook threw where nobody catches errors; nothing else is touched`);
      try {
        await runOwned({ takeUncaught }, () => hook[name]?.(info), undefined);
      } catch (thrown) {
        failed(thrown, `A ${name} hook failed`);
      }
    }
  }
}

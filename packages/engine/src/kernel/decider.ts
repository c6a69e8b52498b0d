/** Decides commands on loaded runs. Gives `decide` its data from outside. Works in one synchronous turn and has no effects. */
import {
  applyUpdate,
  decide,
  GROWTH_DEFAULTS,
  refuse,
  type DecideContext,
  type Decision,
  type GrowthLimits,
  type LimitGates,
  type RunCommand,
  type RunEvent,
} from '@coppice/core';
import type { EngineLimits } from '../engine.ts';
import { errorText } from '../error-text.ts';
import { validationFacts } from '../validation-facts.ts';
import { definitionSchemas } from '../registry/definition-schemas.ts';
import type { DropReason, LoadedRun } from './loaded-run.ts';
import type { LoadedRuns } from './loaded-runs.ts';
import type { KernelOptions } from './kernel-options.ts';
import type { Turn } from './turn.ts';

export interface DeciderParts {
  readonly loadedRuns: LoadedRuns;
  readonly turn: Turn;
  /** Types of executors that do not allow another try. */
  readonly failing: () => readonly string[];
  /** The gates of the engine's limits. */
  readonly gates: () => LimitGates;
  /** Takes at least one event that was decided and folded into the state. */
  readonly onDecided: (loadedRun: LoadedRun, events: readonly RunEvent[]) => void;
  /** Called when a decision threw. The state of the run may be changed in part. */
  readonly onFault: (loadedRun: LoadedRun, fault: DropReason) => void;
}

export class Decider {
  readonly #options: KernelOptions;
  readonly #parts: DeciderParts;
  readonly #context: { -readonly [Field in keyof DecideContext]: DecideContext[Field] };

  constructor(options: KernelOptions, parts: DeciderParts) {
    const { loadedRuns, turn } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#context = {
      nowMs: 0,
      expressions: turn.expressions,
      isTurnOver: () => turn.isOver,
      env: options.env.set,
      secrets: options.secrets.scope,
      schemas: definitionSchemas,
      defaultTimeoutMs: options.defaultTimeoutMs,
      growth: growthLimits(options.limits),
      backoffs: options.registry.backoffs,
      merges: options.registry.merges,
      signalHandlers: options.registry.signalHandlers,
      failingExecutors: parts.failing,
      updated: (tree, taskId, inputs) => {
        const kernel = { context: () => this.#context, gates: parts.gates() };
        const facts = validationFacts({ registry: options.registry, kernel }, tree);
        return applyUpdate(tree.tasks, { taskId, patch: { inputs } }, facts);
      },
      partialOutput: (treeId, taskId) => {
        const loadedRun = loadedRuns.find(treeId);
        const task = loadedRun?.state.byId.get(taskId);
        return task === undefined ? undefined : turn.carry(loadedRun?.findAttempt(task)?.readPartialOutput());
      },
    };
  }

  /** Data from outside for `decide`, valid until the next call. `nowMs`: a due time that has passed by the monotonic clock; default: the wall clock. */
  context(nowMs = this.#options.clock.nowMs()): DecideContext {
    this.#context.nowMs = nowMs;
    this.#context.backoffs = this.#options.registry.backoffs;
    this.#context.merges = this.#options.registry.merges;
    this.#context.signalHandlers = this.#options.registry.signalHandlers;
    return this.#context;
  }

  /** Decides a command and hands its events on. */
  submit(loadedRun: LoadedRun, command: RunCommand, nowMs?: number): Decision {
    if (loadedRun.dropped !== undefined) return refuse('task/invalid-transition', loadedRun.dropped.message);
    let decision: Decision;
    try {
      decision = decide(loadedRun.state, command, this.context(nowMs));
    } catch (error) {
      // The state may be wrong now, so nothing may be decided on it any more. The log is sound.
      const message = errorText(error);
      this.#parts.onFault(loadedRun, { code: 'engine/fault', message });
      return refuse('task/invalid-transition', message);
    }
    if (decision.ok && decision.value.length > 0) this.#parts.onDecided(loadedRun, decision.value);
    return decision;
  }
}

function growthLimits({ maxItems, maxRunTasks }: EngineLimits): GrowthLimits {
  return { itemsMax: maxItems ?? GROWTH_DEFAULTS.itemsMax, tasksMax: maxRunTasks ?? GROWTH_DEFAULTS.tasksMax };
}

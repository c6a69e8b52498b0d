/** The stream of the engine itself (`core/src/engine-stream`): loaded once, then each command is durable before it has an effect. */
import {
  decideEngine,
  evolveEngine,
  holdGate,
  refuse,
  type BreakerChange,
  type Clock,
  type EngineCommand,
  type EngineEvent,
  type EngineEventOf,
  type EngineEventType,
  type Hold,
  type Outcome,
} from '@coppice/core';
import type { EventLog } from '@coppice/core';
import type { Kernel } from './kernel/kernel.ts';
import type { Logger } from './logger.ts';

export interface EngineStreamOptions {
  readonly kernel: Kernel;
  readonly store: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once a change of holds is durable and in force. */
  readonly onHoldsChanged: () => void;
  /** Called once a limit that was set is durable and in force. */
  readonly onLimitSet: () => void;
  /** Called once a change of a breaker is durable. */
  readonly onBreakerChanged: (event: EngineEventOf<'BreakerOpened' | 'BreakerHalfOpened' | 'BreakerClosed'>) => void;
}

/** Events read at once when the stream is loaded. */
const PAGE = 1_000;

export class EngineStream {
  readonly #options: EngineStreamOptions;
  #loading: Promise<void> | undefined;
  /** Commands are decided one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EngineStreamOptions) {
    this.#options = options;
  }

  /** Folds the stored stream, the first time. The store must be open. */
  load(): Promise<void> {
    this.#loading ??= this.#fold().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** Decides a command. Answers once it is durable whether it has changed anything. */
  submit(command: EngineCommand): Promise<Outcome<boolean>> {
    const decided = this.#last.then(() => this.#decide(command));
    this.#last = decided.catch(() => undefined);
    return decided;
  }

  /** The holds in force, in the order in which they were set. */
  async holds(): Promise<readonly Hold[]> {
    await this.load();
    return [...this.#options.kernel.engineState.holds.values()];
  }

  async #decide(command: EngineCommand): Promise<Outcome<boolean>> {
    const { kernel, clock, logger } = this.#options;
    const { engineState, commits } = kernel;
    await this.load();
    if (command.type === 'noteBreaker' && this.#isPast(command.change)) return { ok: true, value: false };
    const decided = decideEngine(engineState, command, clock.nowMs());
    if (!decided.ok) return decided;
    const { value: events } = decided;
    if (events.length === 0) return { ok: true, value: false };
    const refused = await commits.append({ kind: 'engine', expectedSeq: engineState.seq, events });
    if (refused !== undefined) return refuse('storage/unreadable', `Nothing could be stored: ${refused.message}`);
    for (const event of events) {
      evolveEngine(engineState, event);
      logger.info({ event: event.type, actor: event.actor, ...event.data }, 'What may start has changed');
      this.#carryOut(event);
    }
    commits.schedule();
    return { ok: true, value: true };
  }

  #carryOut(event: EngineEvent): void {
    const { kernel, clock } = this.#options;
    switch (event.type) {
      case 'LimitSet':
        kernel.resize(event.data.gate);
        return this.#options.onLimitSet();
      case 'HoldSet':
      case 'HoldReleased':
        kernel.admission.lineUpAll(clock.nowMs());
        return this.#options.onHoldsChanged();
      case 'BreakerClosed':
        // Without an actor it has closed by itself, before this event.
        if (event.actor !== undefined) this.#reset(event.data.breaker);
        return this.#options.onBreakerChanged(event);
      case 'BreakerOpened':
      case 'BreakerHalfOpened':
        return this.#options.onBreakerChanged(event);
    }
  }

  /** Keeps a change of a breaker that has changed by itself. It has its effect already: nobody waits for the answer. */
  noteBreaker(change: BreakerChange): void {
    const { logger } = this.#options;
    const { breaker } = change;
    this.submit({ type: 'noteBreaker', change }).then(
      (noted) => {
        if (!noted.ok) logger.error({ breaker, error: noted.rejection.message }, 'A breaker could not be stored');
      },
      // The engine has failed or stopped, and has said so.
      () => undefined,
    );
  }

  /** True when somebody has reset the breaker since. */
  #isPast({ breaker, resets }: BreakerChange): boolean {
    return (this.#options.kernel.gates.breakers.find(breaker)?.resets ?? resets) !== resets;
  }

  #reset(breaker: string): void {
    const { gates, admission } = this.#options.kernel;
    const gate = gates.breakers.find(breaker);
    if (gate === undefined) return;
    gate.reset();
    admission.changed(gate);
  }

  /** Stored events of some types, in order. */
  async history<Type extends EngineEventType>(
    types: readonly Type[],
    { afterSeq, limit, gate }: HistoryOf,
  ): Promise<readonly EngineEventOf<Type>[]> {
    const found: EngineEventOf<Type>[] = [];
    for (let from = afterSeq; ;) {
      const events = await this.#options.store.readEngineEvents(from, PAGE);
      for (const event of events)
        if (found.length < limit && isOf(event, types) && (gate === undefined || gateOf(event) === gate))
          found.push(event);
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE || found.length === limit) return found;
      from = last.seq;
    }
  }

  async #fold(): Promise<void> {
    const { kernel, store } = this.#options;
    const { engineState } = kernel;
    for (;;) {
      const events = await store.readEngineEvents(engineState.seq, PAGE);
      for (const event of events) evolveEngine(engineState, event);
      if (events.length < PAGE) break;
    }
    // What there is before a run is loaded.
    for (const name of engineState.limits.keys()) if (name === 'global' || name.startsWith('tag:')) kernel.resize(name);
  }
}

interface HistoryOf {
  readonly afterSeq: number;
  readonly limit: number;
  /** Only of the gate of this name. */
  readonly gate?: string | undefined;
}

function gateOf({ data }: EngineEvent): string {
  if ('gate' in data) return data.gate;
  return 'breaker' in data ? data.breaker : holdGate(data.target);
}

function isOf<Type extends EngineEventType>(event: EngineEvent, types: readonly Type[]): event is EngineEventOf<Type> {
  return types.some((type) => type === event.type);
}

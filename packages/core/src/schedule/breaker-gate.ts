/**
 * A circuit breaker as a gate (R-SG-08 to R-SG-10). Closed, it lets everything pass and watches how calls go. Open, it lets nothing pass.
 * Half-open, it lets pass as many calls as must still go well until it closes: its probes. One that fails opens it again.
 *
 * 1. It is pure: all times come with the calls of admission and with the events that end attempts.
 * 2. An attempt counts only if the breaker has not changed since the attempt started. So the late end of one that was called before the
 *    service broke down neither opens nor closes it.
 * 3. Each change is told once. Its state is durable later; until then a crash forgets that it has changed, which lets a few calls more pass.
 */
import type { RunEvent } from '../run/event.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { BreakerRules } from '../task/breaker-policy.ts';
import type { BreakerChange, BreakerReport, OpenBreaker } from './breaker-state.ts';
import { callVerdict } from './call-verdict.ts';
import { newCallWindow, type CallWindow } from './call-window.ts';
import type { Gate } from './gate.ts';

export class BreakerGate implements Gate {
  readonly name: string;
  /** Absent: the configuration names it, so that it stays. */
  isTransient?: true;
  /** Number of times that somebody has reset it. */
  resets = 0;
  readonly #onChange: (change: BreakerChange) => void;
  #rules: BreakerRules;
  #window: CallWindow;
  /** Calls that have failed one after the other. */
  #inARow = 0;
  #open: OpenBreaker | undefined;
  /** Number of changes. */
  #round = 0;
  /** Running attempts that have passed, with the round in which they did. */
  readonly #passed = new Map<TaskState, number>();
  #probing = 0;
  #succeeded = 0;
  #openings = 0;

  constructor(name: string, rules: BreakerRules, onChange: (change: BreakerChange) => void) {
    this.name = name;
    this.#rules = rules;
    this.#window = newCallWindow(rules);
    this.#onChange = onChange;
  }

  /** Goes on with what a former process has kept. */
  restore(kept: OpenBreaker | undefined): void {
    this.#open = kept;
  }

  /** Takes other rules. The window begins anew when its length is another one. */
  follow(rules: BreakerRules): void {
    const { window, windowMs } = this.#rules;
    this.#rules = rules;
    if (window !== rules.window || windowMs !== rules.windowMs) this.#window = newCallWindow(rules);
  }

  /** Running probes. */
  get used(): number {
    return this.#probing;
  }

  get limit(): number {
    if (this.#open === undefined) return Infinity;
    return this.#open.state === 'open' ? 0 : this.#missing(this.#open);
  }

  free(nowMs: number): number {
    const open = this.#open;
    if (open === undefined) return Infinity;
    if (open.state === 'open' && this.#openUntil(open, nowMs) <= nowMs)
      this.#change({ ...open, state: 'halfOpen' }, nowMs);
    return this.limit - this.#probing;
  }

  freeAtMs(_amount: number, nowMs: number): number | undefined {
    return this.#open?.state === 'open' ? this.#openUntil(this.#open, nowMs) : undefined;
  }

  take(_amount: number, _nowMs: number, task?: TaskState): void {
    if (task === undefined) return;
    this.#passed.set(task, this.#round);
    if (this.#open !== undefined) this.#probing++;
  }

  /** Nothing is known of how the service was when it started. */
  adopt(): void {}

  giveBack(_amount: number, task?: TaskState, event?: RunEvent): void {
    const round = task === undefined ? undefined : this.#passed.get(task);
    if (round === undefined) return;
    this.#passed.delete(task as TaskState);
    if (round !== this.#round) return;
    if (this.#open !== undefined) this.#probing--;
    const verdict = event === undefined ? undefined : callVerdict(event);
    if (verdict === undefined) return;
    if (this.#open === undefined) this.#count(verdict === 'failed', (event as RunEvent).atMs);
    else this.#probed(this.#open, verdict === 'failed', (event as RunEvent).atMs);
  }

  leave(run: RunState): void {
    for (const task of this.#passed.keys()) if (run.byId.get(task.id) === task) this.giveBack(1, task);
  }

  /** Closes it, and forgets how calls went. */
  reset(): void {
    this.resets++;
    this.#begin(undefined);
  }

  report(nowMs: number): BreakerReport {
    this.free(nowMs);
    const open = this.#open;
    const { calls, failures } = open ?? this.#window.at(nowMs);
    return {
      state: open?.state ?? 'closed',
      calls,
      failures,
      sinceMs: open?.sinceMs,
      openUntilMs: open?.openUntilMs,
      missing: open === undefined ? 0 : this.#missing(open),
      openings: this.#openings,
    };
  }

  #missing({ probes }: OpenBreaker): number {
    return probes - this.#succeeded;
  }

  /** No wait is longer than its time, also when the clock was set back meanwhile. */
  #openUntil({ openUntilMs, openForMs }: OpenBreaker, nowMs: number): number {
    const latestMs = nowMs + openForMs;
    if (openUntilMs > latestMs) this.#open = { ...(this.#open as OpenBreaker), openUntilMs: latestMs };
    return Math.min(openUntilMs, latestMs);
  }

  #count(hasFailed: boolean, atMs: number): void {
    const { failureRate, minimumCalls, consecutiveFailures } = this.#rules;
    this.#window.add(hasFailed, atMs);
    this.#inARow = hasFailed ? this.#inARow + 1 : 0;
    if (!hasFailed) return;
    const { calls, failures } = this.#window.at(atMs);
    if (calls >= minimumCalls && failures / calls >= failureRate) this.#trip({ calls, failures }, atMs);
    else if (this.#inARow >= consecutiveFailures) this.#trip({ calls, failures }, atMs);
  }

  #probed(open: OpenBreaker, hasFailed: boolean, atMs: number): void {
    if (hasFailed) return this.#trip({ calls: this.#succeeded + 1, failures: 1 }, atMs);
    this.#succeeded++;
    if (this.#missing(open) <= 0) this.#change(undefined, atMs);
  }

  #trip(counts: Pick<OpenBreaker, 'calls' | 'failures'>, atMs: number): void {
    const { openForMs, probes } = this.#rules;
    this.#openings++;
    this.#change({ state: 'open', sinceMs: atMs, openUntilMs: atMs + openForMs, openForMs, probes, ...counts }, atMs);
  }

  #change(to: OpenBreaker | undefined, atMs: number): void {
    this.#begin(to);
    this.#onChange({ breaker: this.name, atMs, to, resets: this.resets });
  }

  #begin(to: OpenBreaker | undefined): void {
    this.#open = to;
    this.#round++;
    this.#window = newCallWindow(this.#rules);
    this.#inARow = 0;
    this.#probing = 0;
    this.#succeeded = 0;
  }
}

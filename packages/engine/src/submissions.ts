/**
 * The bound of submissions: so many runs may wait for their first start. A request for one more waits for room, and is refused after a time, or
 * its run begins paused. Only requests from outside are bound: what a run makes by itself never waits here.
 *
 * Room is reserved before anything is stored, so that requests that come together do not pass the bound together.
 */
import {
  GateStats,
  hasEverStarted,
  isRunTerminal,
  refuse,
  type Clock,
  type Outcome,
  type RunState,
  type TreeId,
} from '@coppice/core';
import type { LoadedRun } from './kernel/loaded-run.ts';
import type { GateAlert, GateReport } from './what-may-start.ts';

/** Name of the gate. */
export const SUBMISSIONS = 'submissions';

export interface SubmissionLimits {
  /** Runs that may wait for their first start. 0 or absent: any number. */
  readonly max?: number | undefined;
  /** Longest wait of a request for room, ms. Default 30000; 0: none waits. */
  readonly waitMs?: number | undefined;
  /** What happens then: the request is refused (default), or its run begins paused. */
  readonly onTimeout?: 'refuse' | 'pause' | undefined;
}

/** The room of one request. */
export interface Entry {
  /** True: there was none in time, and the run is to begin paused. */
  readonly isLate: boolean;
  /** The run has begun to wait for its first start in the place of the request. */
  readonly use: (run: RunState) => void;
  /** The request is over. */
  readonly leave: () => void;
}

export interface SubmissionsOptions {
  readonly limits: SubmissionLimits;
  /** Runs that may wait now; Infinity: any number. */
  readonly capacity: () => number;
  readonly clock: Clock;
  readonly onAlert: (alert: GateAlert) => void;
}

const WAIT_MS = 30_000;
/** Requests that may wait for room at once. */
const REQUESTS_MAX = 1_000;
/** Hint when a request is refused, ms. */
const RETRY_AFTER_MS = 1_000;

/** The entry of all requests while there is no bound. */
const FREE: Entry = { isLate: false, use: () => {}, leave: () => {} };

interface Request {
  readonly sinceMs: number;
  readonly resolve: (isIn: boolean) => void;
}

export class Submissions {
  readonly #options: SubmissionsOptions;
  /** Runs that have passed here and wait for their first start. */
  readonly #runs = new Set<TreeId>();
  readonly #requests = new Set<Request>();
  readonly #stats = new GateStats();
  #reserved = 0;
  #isSaturated = false;
  #isStopped = false;

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  /** Waits for room. Nothing is stored before. */
  async enter(): Promise<Outcome<Entry>> {
    const { capacity, limits, clock } = this.#options;
    if (capacity() === Infinity) return { ok: true, value: FREE };
    const sinceMs = clock.nowMs();
    if (this.#hasRoom && this.#requests.size === 0) this.#reserve();
    else if (!(await this.#wait(sinceMs))) {
      if (limits.onTimeout !== 'pause' || this.#isStopped) return this.#refuse();
      return { ok: true, value: { ...FREE, isLate: true } };
    }
    this.#stats.starts++;
    return { ok: true, value: this.#entry() };
  }

  /** Something was stored of a run. */
  committed(run: LoadedRun): void {
    if (this.#runs.size === 0 || !this.#runs.has(run.treeId) || waits(run.state)) return;
    this.#runs.delete(run.treeId);
    this.changed();
  }

  /** The run is not in memory any more. */
  forget(treeId: TreeId): void {
    if (this.#runs.delete(treeId)) this.changed();
  }

  /** A run that was read from its log may wait for its first start. */
  recovered({ state, treeId }: LoadedRun): void {
    if (this.#options.capacity() !== Infinity && waits(state)) this.#runs.add(treeId);
  }

  /** There may be room: what waited longest goes first. */
  changed(): void {
    for (const request of this.#requests) {
      if (!this.#hasRoom) break;
      this.#requests.delete(request);
      this.#reserve();
      request.resolve(true);
    }
    const capacity = this.#options.capacity();
    // Half empty, so that it is not told again with each run that begins.
    if (this.#isSaturated && this.#requests.size === 0 && this.#used <= capacity / 2) this.#tell('relieved');
  }

  /** Refuses all that wait: the engine stops. */
  stop(): void {
    this.#isStopped = true;
    for (const request of this.#requests) request.resolve(false);
    this.#requests.clear();
  }

  /** Undefined: there is no bound. */
  report(): Omit<GateReport, 'configured' | 'setting'> | undefined {
    const limit = this.#options.capacity();
    if (limit === Infinity) return undefined;
    const [oldest] = this.#requests;
    return {
      gate: SUBMISSIONS,
      used: this.#used,
      limit,
      waiting: this.#requests.size,
      oldestReadyAtMs: oldest?.sinceMs,
      freeAtMs: undefined,
      waiters: [],
      starving: 0,
      stats: this.#stats,
    };
  }

  get #used(): number {
    return this.#runs.size + this.#reserved;
  }

  get #hasRoom(): boolean {
    return this.#used < this.#options.capacity();
  }

  #reserve(): void {
    this.#reserved++;
    if (!this.#hasRoom && !this.#isSaturated) this.#tell('saturated');
  }

  #entry(): Entry {
    let isReserved = true;
    const leave = (): void => {
      if (!isReserved) return;
      isReserved = false;
      this.#reserved--;
      this.changed();
    };
    return {
      isLate: false,
      use: (run) => {
        if (waits(run)) this.#runs.add(run.treeId);
        leave();
      },
      leave,
    };
  }

  /** False: there was no room in time. */
  async #wait(sinceMs: number): Promise<boolean> {
    const { clock, limits } = this.#options;
    const { waitMs = WAIT_MS } = limits;
    if (!this.#isSaturated) this.#tell('saturated');
    if (this.#isStopped || waitMs === 0 || this.#requests.size >= REQUESTS_MAX) return false;
    const isIn = await new Promise<boolean>((resolve) => {
      const request: Request = {
        sinceMs,
        resolve: (answer) => {
          disarm();
          resolve(answer);
        },
      };
      const disarm = clock.setTimer(waitMs, () => {
        this.#requests.delete(request);
        resolve(false);
      });
      this.#requests.add(request);
    });
    if (isIn) this.#stats.noteWait(Math.max(clock.nowMs() - sinceMs, 0));
    return isIn;
  }

  #refuse(): Outcome<never> {
    this.#stats.refused++;
    const limit = this.#options.capacity();
    const why = this.#isStopped ? 'The engine stops' : `${this.#used} runs wait to begin, the limit is ${limit}`;
    return refuse('limit/refused', `${why}. Nothing was stored: try again when runs have begun`, {
      data: { gate: SUBMISSIONS, limit, actual: this.#used, retryAfterMs: RETRY_AFTER_MS },
    });
  }

  #tell(kind: 'saturated' | 'relieved'): void {
    const { capacity, clock, onAlert } = this.#options;
    this.#isSaturated = kind === 'saturated';
    onAlert({
      kind,
      gate: SUBMISSIONS,
      atMs: clock.nowMs(),
      used: this.#used,
      limit: capacity(),
      waiting: this.#requests.size,
    });
  }
}

/** True when something of the run is ready, nothing of it has ever started, and it is not paused. */
function waits(run: RunState): boolean {
  const { status, pauses, root, tasks } = run;
  if (isRunTerminal(status) || pauses?.has(root.id) === true) return false;
  return !hasEverStarted(run) && tasks.some((task) => task.status === 'ready');
}

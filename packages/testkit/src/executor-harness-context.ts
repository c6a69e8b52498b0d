/** The context that the executor harness hands to an attempt, and what it saw the executor do. */
import {
  createSeededRandom,
  type ExecutorContext,
  type Json,
  type JsonObject,
  type TaskId,
  type TreeId,
} from '@coppice/core';

export interface TestContextOptions {
  /** Outputs of dependencies; as in a run, they are also inputs under their names. Default `{}`. */
  readonly dependencies?: JsonObject;
  /** Counted from 1. Default 1. */
  readonly attempt?: number;
  readonly taskName?: string;
  readonly idempotencyKey?: string;
  /** Folder that relative paths start from. Default: the working directory. */
  readonly baseDir?: string;
  /** Variables of the environment that tasks may read. Default none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Seed of `ctx.random`. Default `test`. */
  readonly seed?: string;
  /** Epoch ms at which the clock stands. Default 2026-01-01T00:00:00Z. */
  readonly nowMs?: number;
  /** Values that an earlier try of the same activation recorded. Default none. */
  readonly recorded?: JsonObject;
}

/** Everything the executor reported, in order. */
export interface TestRecords {
  readonly logs: readonly {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly message: string;
    readonly fields?: JsonObject;
  }[];
  /** What the executor wrote with `ctx.stream`, piece by piece. */
  readonly printed: readonly { readonly stream: 'stdout' | 'stderr'; readonly text: string }[];
  readonly progress: readonly { readonly fraction: number; readonly message?: string }[];
  readonly heartbeats: number;
  /** Values kept by `ctx.record`, those of an earlier try included. */
  readonly recorded: JsonObject;
  /** What the executor has produced so far, as it tells by `ctx.partialOutput`. */
  partialOutput(): Json | undefined;
}

export interface TestClock {
  nowMs(): number;
  /** Moves the time on; negative: a clock that was set back. */
  advance(byMs: number): void;
}

export interface TestContext {
  readonly ctx: ExecutorContext;
  readonly records: TestRecords;
  readonly clock: TestClock;
  abort(reason: unknown): void;
  until(condition: (seen: TestRecords) => boolean): Promise<void>;
}

type Log = TestRecords['logs'][number];

/** A context with a real AbortSignal, a clock that stands still and seeded random numbers. */
export function createTestContext(options: TestContextOptions): TestContext {
  const { dependencies = {}, attempt = 1, seed = 'test' } = options;
  const controller = new AbortController();
  const clock = createTestClock(options.nowMs ?? Date.UTC(2026, 0, 1));
  let readPartial: (() => Json) | undefined;
  const seen = {
    logs: [] as Log[],
    printed: [] as TestRecords['printed'][number][],
    progress: [] as TestRecords['progress'][number][],
    heartbeats: 0,
    recorded: { ...options.recorded } as Record<string, Json>,
    partialOutput: () => readPartial?.(),
  };
  const waiting = new Set<() => void>();
  const changed = (): void => waiting.forEach((look) => look());

  const ctx: ExecutorContext = {
    treeId: 'tree' as TreeId,
    taskId: 'task' as TaskId,
    taskName: options.taskName ?? 'task',
    attempt,
    orderKey: '0',
    idempotencyKey: options.idempotencyKey ?? 'tree/task/1',
    baseDir: options.baseDir ?? process.cwd(),
    dependencies,
    random: createSeededRandom({ seed, taskId: 'task', attempt, purpose: 'executor' }),
    env: options.env ?? {},
    nowMs: () => clock.nowMs(),
    signal: controller.signal,
    logger: createTestLogger((log) => {
      seen.logs.push(log);
      changed();
    }),
    progress(fraction, message) {
      seen.progress.push({ fraction, ...(message === undefined ? {} : { message }) });
      changed();
    },
    heartbeat() {
      seen.heartbeats += 1;
      changed();
    },
    stream(chunk, name = 'stdout') {
      seen.printed.push({ stream: name, text: textOf(chunk) });
      changed();
    },
    partialOutput: (read) => void (readPartial = read),
    async record<T extends Json>(key: string, fn: () => T | Promise<T>): Promise<T> {
      if (!Object.hasOwn(seen.recorded, key)) seen.recorded[key] = await fn();
      changed();
      return seen.recorded[key] as T;
    },
  };

  return {
    ctx,
    records: seen,
    clock,
    abort: (reason) => controller.abort(reason),
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(seen)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

function createTestLogger(add: (log: Log) => void): ExecutorContext['logger'] {
  const log =
    (level: Log['level']) =>
    (message: string, fields?: JsonObject): void =>
      add({ level, message, ...(fields === undefined ? {} : { fields }) });
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
}

function createTestClock(startMs: number): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance(byMs) {
      nowMs += byMs;
    },
  };
}

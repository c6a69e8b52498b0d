/** Executors of a simulation: fast, slow, failing, answering twice, late or never, heeding the signal or not, as the seed says. */
import {
  createSeededRandom,
  FatalError,
  outcome,
  TerminalError,
  type BackoffFunction,
  type Executor,
  type ExecutorContext,
  type Hook,
  type Json,
  type RunState,
  type SeededRandom,
  type SignalHandler,
} from '@coppice/core';
import { inTime, type ExtensionRegistry } from '@coppice/engine';
import { patchFor, planFor, stable } from './simulated-growth.ts';
import type { ProcessClock } from './virtual-clock.ts';

export interface SimulatedExecutorsOptions {
  readonly seed: string;
  readonly clock: ProcessClock;
  readonly limits: Readonly<Record<string, number>>;
  /** The durable state of a tree. */
  readonly findRun: (treeId: ExecutorContext['treeId']) => RunState | undefined;
  readonly onCalled: (ctx: ExecutorContext) => void;
  /** Whether hooks stand around every attempt. */
  readonly hasHooks: boolean;
}

type Work = (ctx: ExecutorContext, random: SeededRandom) => unknown;

/** A registry that holds the executors of one process and nothing else. */
export function simulatedRegistry(options: SimulatedExecutorsOptions): ExtensionRegistry {
  const { clock } = options;
  const later = (delayMs: number, value: () => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      clock.setTimer(delayMs, () => {
        try {
          resolve(value());
        } catch (error) {
          reject(error);
        }
      });
    });
  const works: Readonly<Record<string, Work>> = {
    steady: (ctx, random) => answer(() => output(ctx), { random, later }),
    flaky: (ctx, random) =>
      answer(() => (countedAttempt(options, ctx) <= 1 + (hashOf(ctx) % 2) ? fail('test/flaky') : output(ctx)), {
        random,
        later,
      }),
    recorder: async (ctx, random) => {
      ctx.progress(0.5, 'half');
      const value = await ctx.record('value', () => hashOf(ctx));
      await later(random.integer(10), () => null);
      return { of: ctx.taskName, value };
    },
    doomed: (_ctx, random) => answer(() => fail('test/doomed'), { random, later }),
    fatal: (_ctx, random) => answer(() => fatal(), { random, later }),
    ender: (_ctx, random) => answer(() => endRun(), { random, later }),
    fragile: (ctx, random) => answer(() => output(ctx), { random, later }),
    planner: (ctx, random) => answer(() => planFor(ctx), { random, later }),
    writer: (ctx, random) => answer(() => outcome({ output: output(ctx), patch: patchFor(ctx) }), { random, later }),
    silent: (ctx, random) => {
      if (random.next() < 0.3) return new Promise(() => {});
      if (random.next() < 0.5) ctx.heartbeat();
      return untilAborted(
        ctx,
        later(random.integer(80), () => output(ctx)),
        random.next() < 0.5,
      );
    },
  };
  const executors = new Map(Object.entries(works).map(([type, work]) => [type, executorOf(type, work, options)]));
  const hooks = options.hasHooks ? [slowHook(later)] : [];
  return {
    extensions: [],
    findExecutor: (type) => executors.get(type),
    listExecutors: () => [...executors.values()],
    listHooks: () => hooks,
    listObservers: () => [],
    backoffs: new Map<string, BackoffFunction>(),
    merges: new Map(),
    signalHandlers: new Map([['simulated', inTime({ name: 'simulated', handle: simulatedHandler })]]),
  };
}

function executorOf(type: string, work: Work, { seed, limits, onCalled }: SimulatedExecutorsOptions): Executor {
  return {
    type,
    description: 'simulated',
    effects: 'pure',
    onCrash: type === 'fragile' ? 'fail' : 'retry',
    ...(limits[type] === undefined ? {} : { concurrency: limits[type] }),
    execute(_input, ctx) {
      onCalled(ctx);
      const { taskId, attempt } = ctx;
      return work(ctx, createSeededRandom({ seed, taskId, attempt, purpose: 'work' }));
    },
  };
}

/** Hooks that take their time, and one that fails where a failure changes nothing. */
function slowHook(later: AnswerTools['later']): Hook {
  return {
    name: 'slow',
    beforeAttempt: async ({ attempt }) => void (await later(attempt % 3, () => null)),
    afterAttempt: async () => void (await later(2, () => null)),
    runStarted: () => fail('test/hook'),
    runEnded: async () => void (await later(5, () => null)),
  };
}

interface AnswerTools {
  readonly random: SeededRandom;
  readonly later: (delayMs: number, value: () => unknown) => Promise<unknown>;
}

/** At once, later, or twice. */
function answer(value: () => unknown, { random, later }: AnswerTools): unknown {
  const choice = random.integer(10);
  if (choice < 3) return value();
  if (choice < 8) return later(random.integer(20), value);
  const real = later(random.integer(20), value);
  return {
    then(resolved: (value: unknown) => void, rejected: (error: unknown) => void): void {
      for (const copy of [real, real.then((first) => later(random.integer(30), () => first))])
        void copy.then(resolved, rejected);
    },
  };
}

/** Ends with the work, or with the signal if the executor heeds it. */
function untilAborted(ctx: ExecutorContext, work: Promise<unknown>, heeds: boolean): Promise<unknown> {
  if (!heeds) return work;
  return new Promise((resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(new Error('Aborted')));
    work.then(resolve, reject);
  });
}

function output(ctx: ExecutorContext): Json {
  const hash = hashOf(ctx);
  return hash % 5 === 0 ? null : { of: ctx.taskName, hash };
}

/** How often the task has been tried, not counting interruptions, as the log has it. */
function countedAttempt({ findRun }: SimulatedExecutorsOptions, ctx: ExecutorContext): number {
  const task = findRun(ctx.treeId)?.byId.get(ctx.taskId);
  return task === undefined ? 1 : task.attempt - task.uncounted;
}

function hashOf({ taskId }: ExecutorContext): number {
  let hash = 7;
  for (const letter of stable(taskId)) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  return hash;
}

function fail(code: string): never {
  throw Object.assign(new Error('Simulated failure'), { code });
}

function fatal(): never {
  throw new TerminalError('Simulated failure for good', { code: 'test/fatal' });
}

function endRun(): never {
  throw new FatalError('Simulated failure of the whole run', { code: 'test/ender' });
}

/** Ends by hand what is open, or fails, or asks for what can not be; the payload says which. */
const simulatedHandler: SignalHandler['handle'] = ({ payload }, { tasks }) => {
  const open = tasks.filter(({ status }) => status === 'ready' || status === 'running' || status === 'waiting');
  const choice = Number(payload);
  if (choice % 4 === 0) throw new Error('simulated');
  if (choice % 4 === 1) return [{ type: 'skip', task: 'nobody' }];
  return open.slice(0, choice % 3).map(({ id }) => ({ type: 'complete', task: id, output: choice }));
};

/**
 * A simulation: the real engine on a virtual clock, over a store that survives while processes come and go.
 * Everything follows from the seed. A failure carries the seed, the history, and the command that replays it.
 */
import assert from 'node:assert/strict';
import {
  createSeededRandom,
  type StreamAppend,
  type SeededRandom,
  type Store,
  type TreeId,
  type TreeSubmission,
} from '@coppice/core';
import { createEngine, type Engine, type EngineLimits } from '@coppice/engine';
import { linesOf } from './append-lines.ts';
import { ANOTHER, createFaultStore, NO_FAULTS, REFUSED, STORM, type FaultRates } from './fault-store.ts';
import { Follower } from './follower.ts';
import { InvariantChecker } from './invariant-checker.ts';
import { outcomeText } from './outcome.ts';
import { GateUseCheck } from './gate-use-check.ts';
import { checkRows } from './projection-check.ts';
import { appendOfAnother } from './second-writer.ts';
import { simulatedRegistry } from './simulated-executors.ts';
import { breakersOf } from './simulated-breakers.ts';
import { CAPACITIES } from './simulated-demands.ts';
import { simulatedTree } from './simulated-tree.ts';
import { planPeople } from './simulated-people.ts';
import { actAsUser } from './simulated-user.ts';
import type { SimulationOptions, SimulationReport } from './simulation-options.ts';
import { SubscriberCheck } from './subscriber-check.ts';
import { quiet, VirtualClock, type ProcessClock } from './virtual-clock.ts';

const STORM_ENDS_MS = 150;
const CRASHES_MAX = 6;
const STEPS_MAX = 50_000;

/** One process: an engine that dies at once and without a word. */
interface Process {
  readonly engine: Engine;
  readonly clock: ProcessClock;
  isDead: boolean;
  /** Started, and open for requests. */
  isOpen: boolean;
  isStopping: boolean;
  readonly followers: Follower[];
}

/** Runs one seed. Rejects with an Error that says how to replay it. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const simulation = new Simulation(options);
  try {
    return await simulation.run();
  } catch (error) {
    const { seed } = options;
    const recent = simulation.history.slice(-40).join('\n');
    throw new Error(
      `Seed ${seed}: ${(error as Error).message}\nReplay: npm run simulate -- --seed ${seed}\n${recent}`,
      { cause: error },
    );
  }
}

class Simulation {
  readonly history: string[] = [];
  readonly #options: SimulationOptions;
  readonly #clock = new VirtualClock();
  readonly #random: SeededRandom;
  readonly #chanceOfRefusal: SeededRandom;
  readonly #hasRefusals: boolean;
  readonly #hasBreakers: boolean;
  readonly #store: Store;
  readonly #checker: InvariantChecker;
  readonly #limits: EngineLimits;
  /** Limits that executors declare themselves. */
  readonly #executorLimits: Readonly<Record<string, number>>;
  readonly #trees: readonly TreeSubmission[];
  readonly #subscriber: SubscriberCheck;
  #process: Process | undefined;
  readonly #gateUse = new GateUseCheck();
  #crashes = 0;
  #refusals = 0;
  #appends = 0;
  #ids = 0;
  #isOver = false;
  #failure: Error | undefined;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed, weather = 'stormy' } = options;
    this.#hasBreakers = options.breakers ?? this.#hasFlow;
    const chance = (purpose: string, tree: number | '' = ''): SeededRandom =>
      createSeededRandom({ seed: String(seed), taskId: String(tree), attempt: 1, purpose });
    const shapes = chance('shape');
    const flow = chance('flow');
    this.#random = this.#chanceOf('chance');
    this.#hasRefusals = options.refusals ?? true;
    this.#chanceOfRefusal = this.#chanceOf('refusals');
    this.#trees = Array.from({ length: 1 + shapes.integer(2) }, (_, at) =>
      simulatedTree({
        seed: seed * 10 + at,
        prefix: `${'abc'[at]}-`,
        weather,
        random: shapes,
        chanceOfDemands: chance('demands', at),
        chanceOfTimeLimits: chance('limits', at),
        chanceOfBreakers: this.#hasBreakers ? chance('breakers', at) : undefined,
        flow: this.#hasFlow ? flow : undefined,
      }),
    );
    const some = (below: number): number => (shapes.next() < 0.4 ? 1 + shapes.integer(below) : 0);
    this.#limits = {
      ...CAPACITIES,
      global: options.concurrency ?? some(4),
      ...(weather === 'stormy' ? { perUser: some(2), executors: { steady: some(3) } } : {}),
      ...(this.#hasBreakers ? { breakers: breakersOf(chance('breakers')) } : {}),
    };
    this.#executorLimits = seed % 3 === 0 ? { recorder: 1, flaky: 2 } : {};
    this.#store = options.createStore();
    this.#checker = new InvariantChecker({
      ...CAPACITIES,
      global: this.#limits.global ?? 0,
      executors: { ...this.#executorLimits, ...this.#limits.executors },
      breakers: this.#limits.breakers,
    });
    this.#subscriber = new SubscriberCheck(this.#checker);
  }

  async run(): Promise<SimulationReport> {
    await this.#store.open();
    if (this.#isStormy) this.#planStorm();
    this.#planPeople();
    this.#begin();
    for (let steps = 0; ; steps++) {
      assert.ok(steps < STEPS_MAX, `7: nothing has ended after ${STEPS_MAX} steps`);
      await quiet();
      if (this.#failure !== undefined) throw this.#failure;
      this.#checkEngine();
      if (!this.#clock.step()) break;
    }
    this.#isOver = true;
    await this.#checkEnd();
    const runs = this.#checker.listRuns();
    return {
      seed: this.#options.seed,
      crashes: this.#crashes,
      events: runs.reduce((sum, { seq }) => sum + seq, 0),
      statuses: runs.map(({ status }) => status),
      outcomes: runs.toSorted((a, b) => (a.treeId < b.treeId ? -1 : 1)).map(outcomeText),
      history: this.history,
    };
  }

  get #isStormy(): boolean {
    return (this.#options.weather ?? 'stormy') === 'stormy';
  }

  get #hasFlow(): boolean {
    return this.#options.flow ?? true;
  }

  /** Numbers of their own, so that what else happens by chance stays as it is. */
  #chanceOf(purpose: string): SeededRandom {
    const { seed, variation = 0 } = this.#options;
    return createSeededRandom({ seed: String(seed), taskId: String(variation), attempt: 1, purpose });
  }

  get #hasFaults(): boolean {
    if (this.#isOver) return false;
    return (
      (this.#options.faults ?? this.#isStormy) && this.#clock.elapsedMs < STORM_ENDS_MS && this.#crashes < CRASHES_MAX
    );
  }

  #rates = (): FaultRates => (this.#hasFaults ? STORM : NO_FAULTS);

  #log(line: string): void {
    const text = `${String(this.#clock.elapsedMs).padStart(6)} ms  ${line}`;
    this.history.push(text);
    this.#options.onLine?.(text);
  }

  /** A new process opens the store and goes on. */
  #begin(): void {
    const clock = this.#clock.forProcess();
    const { seed, variation = 0 } = this.#options;
    const registry = simulatedRegistry({
      seed: `${seed}/${variation}`,
      clock,
      limits: this.#executorLimits,
      hasHooks: seed % 4 === 0,
      findRun: (treeId) => this.#checker.findRun(treeId),
      onCalled: (ctx) => this.#guard(() => this.#checker.called(ctx.treeId, ctx.taskId, ctx.attempt)),
    });
    const store = createFaultStore({
      inner: this.#store,
      clock,
      random: this.#random,
      rates: this.#rates,
      refuses: () => this.#hasRefusals && this.#hasFaults && this.#chanceOfRefusal.next() < REFUSED,
      another: (batch) =>
        this.#hasRefusals && this.#hasFaults && this.#chanceOfRefusal.next() < ANOTHER
          ? appendOfAnother(batch, (treeId) => this.#checker.findRun(treeId), this.#clock.nowMs())
          : undefined,
      isDead: () => process.isDead,
      crash: (when) => this.#crash(process, when),
      onAppend: (batch) => {
        const check = this.#checker.prepare(batch);
        return () => {
          this.#guard(() => this.#appended(batch, check));
          if (++this.#appends === this.#options.crashAtAppend) this.#crash(process, `at commit ${this.#appends}`);
        };
      },
      onRefused: (part, code) => {
        this.#log(`${part.tree.treeId} is refused from ${part.events[0]?.seq}: ${code}`);
        this.#checker.refused(part);
        this.#refusals++;
      },
    });
    this.#checker.processBegan();
    const engine = createEngine({
      store,
      registry,
      clock,
      logger: { ...silent, error: (_fields, message) => this.#guard(() => checkError(message)) },
      newId: () => `id-${++this.#ids}`,
      limits: this.#limits,
      cancelGraceMs: 20,
      ageingMs: 30,
      snapshotEvery: 7,
    });
    const process: Process = { engine, clock, isDead: false, isOpen: false, isStopping: false, followers: [] };
    this.#process = process;
    engine.subscribe({}, { event: (treeId, event) => this.#guard(() => this.#subscriber.hear(treeId, event)) });
    this.#background(process, this.#drive(process));
  }

  /** What the user wants in any case: all trees are created, and their runs have begun. */
  async #drive(process: Process): Promise<void> {
    const { engine } = process;
    const recovered = await engine.start();
    process.isOpen = true;
    for (const { treeId, interrupted } of recovered)
      this.#log(`recovered ${treeId}, ${interrupted} attempts interrupted`);
    for (const [index, submission] of this.#trees.entries()) {
      const created = await engine.create(submission, {
        userId: index === 0 ? 'ann' : 'bob',
        idempotencyKey: `key ${index}`,
      });
      assert.ok(created.ok, created.ok ? '' : `create: ${JSON.stringify(created.rejection)}`);
      const run = this.#checker.findRun(created.value);
      assert.ok(run !== undefined, `9: ${created.value} was acknowledged and is not durable`);
      if (run.status !== 'created') continue;
      const task =
        this.#isStormy && this.#random.next() < 0.2 ? run.tasks[this.#random.integer(run.tasks.length)] : run.root;
      const executed = await engine.execute((task ?? run.root).id);
      this.#log(`execute ${task?.id}: ${executed.ok ? 'ok' : executed.rejection.message}`);
    }
  }

  /** User actions, clock jumps and restarts at times that the seed says. */
  #planStorm(): void {
    const random = this.#random;
    for (let count = random.integer(7); count > 0; count--) {
      this.#clock.setTimer(random.integer(STORM_ENDS_MS), () => this.#userActs());
    }
    for (let count = random.integer(3); count > 0; count--) {
      const byMs = random.integer(120_000) - 60_000;
      this.#clock.setTimer(random.integer(STORM_ENDS_MS), () => {
        this.#log(`the clock jumps by ${byMs} ms`);
        this.#clock.jump(byMs);
      });
    }
    if (random.next() < 0.3) {
      const atMs = random.integer(STORM_ENDS_MS);
      this.#clock.setTimer(atMs, () => this.#process !== undefined && this.#crash(this.#process, 'in between'));
    }
    if (random.next() < 0.2) this.#clock.setTimer(random.integer(STORM_ENDS_MS), () => this.#restart());
  }

  #planPeople(): void {
    planPeople({
      chanceOf: (purpose) => this.#chanceOf(purpose),
      checker: this.#checker,
      engine: () => {
        const process = this.#process;
        return process?.isOpen === true && !process.isDead ? process.engine : undefined;
      },
      setTimer: (delayMs, callback) => this.#clock.setTimer(delayMs, callback),
      elapsedMs: () => this.#clock.elapsedMs,
      work: (work) =>
        this.#background(
          this.#process as Process,
          work.then((line) => line !== '' && this.#log(line)),
        ),
      endsMs: STORM_ENDS_MS,
      pauses: this.#options.pauses ?? this.#isStormy,
      // In calm weather pauses must change nothing of what a run ends with, which an end by hand does.
      hands: this.#isStormy && (this.#options.pauses ?? true),
      answers: this.#hasFlow,
      resets: this.#hasBreakers,
    });
  }

  #userActs(): void {
    const process = this.#process;
    const treeIds = this.#checker.listRuns().map(({ treeId }) => treeId);
    if (process?.isOpen !== true || process.isDead || treeIds.length === 0) return;
    const { engine, clock } = process;
    const treeId = treeIds[this.#random.integer(treeIds.length)] as TreeId;
    const onFailure = (error: Error) => (this.#failure ??= error);
    process.followers.push(new Follower({ engine, clock, random: this.#random, treeId, onFailure }));
    const acting = actAsUser({ engine: process.engine, treeIds, random: this.#random, checker: this.#checker });
    this.#background(
      process,
      acting.then((line) => this.#log(`user: ${line}`)),
    );
  }

  #crash(process: Process, when: string): void {
    if (process.isDead) return;
    process.isDead = true;
    process.clock.kill();
    this.#crashes++;
    this.#log(`the process dies ${when}`);
    this.#clock.setTimer(this.#random.integer(10), () => this.#begin());
  }

  /** Stops the engine in good order and starts another. */
  #restart(): void {
    const process = this.#process;
    if (process?.isOpen !== true || process.isDead) return;
    this.#log('the engine is stopped');
    process.isOpen = false;
    process.isStopping = true;
    const stopping = process.engine.stop({ graceMs: this.#random.integer(30) }).then(async () => {
      if (process.isDead) return;
      process.isDead = true;
      process.clock.kill();
      this.#begin();
    });
    stopping.catch((error: unknown) => (this.#failure ??= error as Error));
  }

  /** Work that nobody waits for; a failure ends the simulation, unless its process is dead or was stopped under it. */
  #background(process: Process, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!process.isStopping && !process.isDead) this.#failure ??= error as Error;
    });
  }

  /** The engine must not catch what a check throws. */
  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  #appended(batch: readonly StreamAppend[], check: () => void): void {
    for (const line of linesOf(batch)) this.#log(line);
    check();
  }

  #checkEngine(): void {
    const process = this.#process;
    if (process === undefined || process.isDead) return;
    const { limits } = this.#checker.engine;
    this.#gateUse.look(process.engine.gates(), { isSet: (gate) => limits.has(gate), refusals: this.#refusals });
  }

  async #checkEnd(): Promise<void> {
    this.#checker.settled();
    const { engine, followers } = this.#process as Process;
    for (const follower of followers) follower.settled((treeId) => this.#checker.findRun(treeId));
    assert.deepEqual(engine.running(), [], 'nothing is running');
    // A token comes back with time, not with an end.
    const counting = engine.gates().filter(({ gate }) => !/^(rate|user-starts):/.test(gate));
    for (const { gate, used } of counting) assert.equal(used, 0, `5: ${gate} is free at the end`);
    const health = await engine.health();
    assert.equal(health.status, 'ok', `health: ${JSON.stringify(health)}`);
    for (const run of this.#checker.listRuns()) {
      const { treeId } = run;
      assert.equal(await this.#store.verifyLog(treeId), undefined, `1: the stored log of ${treeId}`);
      checkRows(run, await this.#store.findTree(treeId), await this.#store.listTasks(treeId));
    }
  }
}

const silent = { debug() {}, info() {}, warn() {} };

/** What an engine may complain of: the store's faults, and a hook that was made to fail. Anything else is a fault of its own. */
function checkError(message: string): void {
  assert.match(
    message,
    /^(The store refused a commit|What was decided on a run could not be stored|A runStarted hook failed)/,
    'The engine reports a fault',
  );
}

/**
 * The invariants of the model, checked on every durable append of a simulation, against a fold of its own of what was stored.
 * Numbers are those of the model. A violation is an AssertionError.
 */
import assert from 'node:assert/strict';
import {
  activation,
  EVENT_MEANING,
  evolveEngine,
  findHold,
  newEngineState,
  findPause,
  evolve,
  growthOf,
  isExecuting,
  isRunTerminal,
  isScopeOpen,
  isTerminal,
  taskFacts,
  treeFacts,
  type EngineAppend,
  type EngineEvent,
  type EngineState,
  type GateLimits,
  type StreamAppend,
  type TreeAppend,
  type RunEvent,
  type RunState,
  type TaskId,
  type TaskState,
  type TreeId,
  type TreeRemoval,
} from '@coppice/core';
import { BreakerCheck } from './breaker-check.ts';
import { CompensationCheck } from './compensation-check.ts';
import { FlowCheck } from './flow-check.ts';
import { GateCheck } from './gate-check.ts';
import { SignalCheck } from './signal-check.ts';
import { TimeLimitCheck } from './time-limit-check.ts';

/** Limits that hold over all trees. */
export type CheckedLimits = Pick<GateLimits, 'global' | 'executors' | 'locks' | 'resources' | 'breakers'>;

/** What the checker keeps of one tree beside its fold. */
interface WatchedTree {
  run: RunState;
  /** What appends have said of each task, as text, by its position. */
  readonly rows: string[];
  /** `task/attempt` of every start, and of those without an end. */
  readonly started: Set<string>;
  readonly open: Set<string>;
  /** Attempts whose executor was called. */
  readonly called: Set<string>;
  /** Attempts without an end, whose executor has let go: the store refused what ended them. */
  readonly lost: Set<string>;
  /** Tasks that were cancelled at some time; the root also stands for a run that was. */
  readonly cancelled: Set<TaskId>;
  /** Tasks that somebody completed or skipped at some time. */
  readonly endedByHand: Set<TaskId>;
  readonly signals: SignalCheck;
  readonly flow: FlowCheck;
  readonly undoing: CompensationCheck;
  readonly timeLimits: TimeLimitCheck;
  /** Share of ended tasks since the run was opened. */
  progress: number;
  atMs: number;
}

export class InvariantChecker {
  readonly #trees = new Map<TreeId, WatchedTree>();
  readonly #removed = new Set<TreeId>();
  readonly #gates: GateCheck;
  readonly #breakers: BreakerCheck;
  /** The fold of what is durable of the engine's own stream. */
  readonly engine = newEngineState();

  constructor(limits: CheckedLimits = {}) {
    this.#gates = new GateCheck(limits, this.engine);
    this.#breakers = new BreakerCheck(limits.breakers);
  }

  /** A new process goes on: attempts of the former one are over. */
  processBegan(): void {
    this.#breakers.forget();
  }

  /** True for a tree that is not stored any more. */
  isRemoved(treeId: TreeId): boolean {
    return this.#removed.has(treeId);
  }

  /** The fold of what is durable. */
  findRun(treeId: TreeId): RunState | undefined {
    return this.#trees.get(treeId)?.run;
  }

  /** A durable event says so. */
  wasCancelled(treeId: TreeId, taskId: TaskId): boolean {
    return this.#trees.get(treeId)?.cancelled.has(taskId) === true;
  }

  /** A durable event says so. */
  wasEndedByHand(treeId: TreeId, taskId: TaskId): boolean {
    return this.#trees.get(treeId)?.endedByHand.has(taskId) === true;
  }

  listRuns(): readonly RunState[] {
    return [...this.#trees.values()].map(({ run }) => run);
  }

  /** Takes down what a batch is to store, before the live state goes on. The answer checks it, once it is durable. */
  prepare(batch: readonly StreamAppend[]): () => void {
    const checks = batch.map((part) => this.#preparePart(part));
    return () => {
      for (const check of checks) check();
      this.#checkGates();
    };
  }

  #preparePart(part: StreamAppend): () => void {
    switch (part.kind) {
      case 'tree':
        return this.#prepareAppend(part);
      case 'treeRemoval':
        return this.#prepareRemoval(part);
      case 'engine':
        return () => this.#applyEngine(part);
    }
  }

  #applyEngine({ events }: EngineAppend): void {
    for (const event of events) {
      assert.equal(event.seq, this.engine.seq + 1, '1: the stream of the engine has no gap');
      const stored = { ...(JSON.parse(JSON.stringify(event)) as EngineEvent), actor: event.actor } as EngineEvent;
      this.#breakers.apply(stored);
      evolveEngine(this.engine, stored);
    }
  }

  #prepareAppend({ tree, tasks, events }: TreeAppend): () => void {
    const { treeId, counts } = tree;
    // As a store gives it back: nothing is shared with the live state.
    const copies = events.map(storedCopy);
    const treeText = JSON.stringify(tree);
    const rows = tasks.map((task) => [task.index, JSON.stringify(task)] as const);
    return () => {
      for (const event of copies) this.#apply(treeId, event);
      const { run, rows: stored, flow } = this.#trees.get(treeId) as WatchedTree;
      for (const [index, row] of rows) stored[index] = row;
      assert.deepEqual(run.counts, counts, '2: the counters of the fold are those of the live state');
      flow.checkCounts(run);
      assertSame(JSON.stringify(treeFacts(run)), treeText);
      // Of all tasks: a changed one that the append does not name is a fault, too.
      for (const task of run.tasks) assertSame(JSON.stringify(taskFacts(task)), stored[task.index]);
    };
  }

  #prepareRemoval({ treeId, expectedSeq }: TreeRemoval): () => void {
    return () => {
      const run = this.#trees.get(treeId)?.run;
      assert.equal(run?.seq, expectedSeq, `1: ${treeId} is removed where its log ends`);
      assert.ok(
        run.status === 'created' || isRunTerminal(run.status),
        `12: ${treeId} is removed while it is ${run.status}`,
      );
      this.#trees.delete(treeId);
      this.#removed.add(treeId);
    };
  }

  /** The store refused a part: attempts that it would have ended hold no place any more, though the log does not know. */
  refused({ tree, events }: TreeAppend): void {
    this.#breakers.forget();
    const watched = this.#trees.get(tree.treeId);
    for (const { taskId, attempt } of events) if (attempt !== undefined) watched?.lost.add(`${taskId}/${attempt}`);
  }

  /** An executor is called: its start must be durable, and this the only call for it (rule 9). */
  called(treeId: TreeId, taskId: TaskId, attempt: number): void {
    const watched = this.#trees.get(treeId);
    const key = `${taskId}/${attempt}`;
    assert.ok(watched?.started.has(key) === true, `9: ${key} is called before its start is durable`);
    assert.ok(!watched.called.has(key), `9: ${key} is called twice`);
    watched.called.add(key);
  }

  /** Called when nothing can happen any more: every attempt that was started must have ended. */
  settled(): void {
    for (const { run, open } of this.#trees.values()) {
      if (run.status === 'created') continue;
      assert.ok(
        isRunTerminal(run.status),
        `7: tree ${run.treeId} is ${run.status}, and nothing happens any more: ${openTasks(run)}`,
      );
      assert.notEqual(run.error?.code, 'run/no-progress', `7: ${run.error?.message}`);
      assert.equal(openTasks(run), '', '7: every executed task has ended');
      assert.equal(open.size, 0, `1: attempts without an end: ${[...open].join()}`);
      assert.equal(progressOf(run), 1, '7: progress ends at 100 %');
    }
  }

  #apply(treeId: TreeId, event: RunEvent): void {
    const watched = this.#trees.get(treeId);
    if (watched === undefined) {
      assert.equal(event.type, 'TreeCreated', '1: a log begins with TreeCreated');
      assert.equal(event.seq, 1, '1: a log begins with 1');
      const run = evolve(undefined, event);
      this.#trees.set(treeId, {
        run,
        rows: [],
        started: new Set(),
        open: new Set(),
        called: new Set(),
        lost: new Set(),
        cancelled: new Set(),
        endedByHand: new Set(),
        signals: new SignalCheck(),
        flow: new FlowCheck(run),
        undoing: new CompensationCheck(),
        timeLimits: new TimeLimitCheck(),
        progress: 0,
        atMs: event.atMs,
      });
      return;
    }
    assert.equal(event.seq, watched.run.seq + 1, '1: the sequence has no gap');
    assert.ok(event.atMs >= watched.atMs, `10: event ${event.seq} is earlier than the one before`);
    watched.atMs = event.atMs;
    checkAfterEnd(watched.run, event);
    checkAttempt(watched, event, this.engine);
    watched.signals.apply(watched.run, event);
    checkCleanUp(watched.run, event);
    checkHand(watched.run, event);
    watched.flow.before(watched.run, event);
    this.#watchBreakers(watched.run, event);
    watched.undoing.apply(watched.run, event);
    watched.timeLimits.apply(watched.run, event);
    watched.run = evolve(watched.run, event);
    watched.flow.after(watched.run, event);
    if (event.type === 'TaskCancelled') watched.cancelled.add(event.taskId);
    // It will be cancelled once its clean-up has ended.
    if (event.type === 'TaskOpened' && event.data.closing?.cancelled !== undefined) watched.cancelled.add(event.taskId);
    if (event.type === 'RunCancelled') watched.cancelled.add(treeId);
    if (isEndedByHand(event)) watched.endedByHand.add(event.taskId);
    checkProgress(watched, event);
  }

  #watchBreakers({ treeId, byId }: RunState, { type, taskId, attempt }: RunEvent): void {
    if (taskId === undefined || attempt === undefined) return;
    const key = `${treeId}/${taskId}/${attempt}`;
    if (EVENT_MEANING[type].attempt === 'starts') this.#breakers.started(byId.get(taskId) as TaskState, key);
    else if (EVENT_MEANING[type].attempt === 'ends') this.#breakers.ended(key);
  }

  #checkGates(): void {
    for (const { run, lost } of this.#trees.values()) {
      const running = run.executing === 0 ? [] : run.tasks.filter(isExecuting);
      const executing = running.filter(({ id, attempt }) => !lost.has(`${id}/${attempt}`));
      const { concurrency = 0 } = run.policies;
      assert.ok(
        concurrency === 0 || executing.length <= concurrency,
        `5: tree ${run.treeId} executes ${executing.length} of ${concurrency}`,
      );
      checkGroupLimits(executing);
      for (const task of executing) this.#gates.take(task);
    }
    this.#gates.check();
  }
}

/** Each group that has a limit, around each attempt below it. */
function checkGroupLimits(executing: readonly TaskState[]): void {
  const used = new Map<TaskState, number>();
  for (const task of executing) {
    for (let at = task.parent; at !== undefined; at = at.parent)
      if (at.definition.policies.concurrency !== undefined) used.set(at, (used.get(at) ?? 0) + 1);
  }
  for (const [group, count] of used) {
    const limit = group.definition.policies.concurrency as number;
    assert.ok(count <= limit, `5: group ${group.id} executes ${count} of ${limit}`);
  }
}

/** Only a difference is worth the time of comparing piece by piece. */
function assertSame(folded: string, stored: string | undefined): void {
  if (folded !== stored)
    assert.deepEqual(JSON.parse(folded), JSON.parse(stored ?? 'null'), '2: the fold of the log is the live state');
}

type HandEnd = Extract<RunEvent, { readonly type: 'TaskCompleted' | 'TaskSkipped' }>;

function isEndedByHand(event: RunEvent): event is HandEnd {
  return (event.type === 'TaskCompleted' || event.type === 'TaskSkipped') && event.data.reason?.code === 'user';
}

function storedCopy(event: RunEvent): RunEvent {
  const { taskId, attempt } = event;
  return { ...(JSON.parse(JSON.stringify(event)) as RunEvent), taskId, attempt } as RunEvent;
}

function checkAfterEnd(run: RunState, { type }: RunEvent): void {
  const { run: happened, definition } = EVENT_MEANING[type];
  const mayFollow = happened === 'is opened again' || definition === 'changes';
  assert.ok(!isRunTerminal(run.status) || mayFollow, `12: ${type} follows the end of run ${run.treeId}`);
}

function checkAttempt({ run, started, open }: WatchedTree, event: RunEvent, engine: EngineState): void {
  if (event.attempt === undefined || event.taskId === undefined) return;
  const key = `${event.taskId}/${event.attempt}`;
  const { attempt } = EVENT_MEANING[event.type];
  if (attempt === 'starts') {
    assert.ok(!started.has(key), `1: ${key} starts twice`);
    started.add(key);
    open.add(key);
    const task = run.byId.get(event.taskId) as TaskState;
    assert.equal(task.status, 'ready', `6: ${key} starts while it is ${task.status}`);
    assert.ok(activation(task) === 'ready' && isScopeOpen(task), `6: ${key} starts before its activation rule holds`);
    assert.equal(findHold(engine, task), undefined, `${key} starts while it is held`);
    assert.equal(findPause(run, task), undefined, `R-CP-08: ${key} starts while it is paused`);
  } else if (attempt === 'goes on') {
    assert.ok(open.has(key), `8: ${event.type} of ${key}, which is not running`);
  } else
    assert.ok(open.delete(key), `1: ${event.type} is a second end of ${key}, or the end of one that never started`);
}

/** Clean-up begins when nothing else of its group is open. */
function checkCleanUp({ byId }: RunState, event: RunEvent): void {
  if (event.type !== 'TaskOpened' || event.data.closing?.cleanUp !== true) return;
  const { members = [] } = byId.get(event.taskId)?.group ?? {};
  const open = members.filter(
    ({ status, selected, definition }) => selected && definition.finally !== true && !isTerminal(status),
  );
  assert.deepEqual(
    open.map(({ id }) => id),
    [],
    `R-SG: ${event.taskId} cleans up before its members have ended`,
  );
}

/** Whatever runs in the place of what a person ends is over with it, and what a group has open as well (R-SN-02). */
function checkHand(run: RunState, event: RunEvent): void {
  if (!isEndedByHand(event)) return;
  const { id, status, group, attempt } = run.byId.get(event.taskId) as TaskState;
  const open = status === 'running' && group === undefined ? attempt : undefined;
  assert.equal(event.attempt, open, `R-SN-02: ${id} is ended by hand with the attempt that runs`);
  const isOpen = group?.members.some((member) => member.selected && !isTerminal(member.status)) === true;
  assert.ok(!isOpen, `R-SN-02: the group ${id} is ended by hand before what is in it`);
}

function checkProgress(watched: WatchedTree, event: RunEvent): void {
  const { type } = event;
  const progress = progressOf(watched.run);
  const { run: happened } = EVENT_MEANING[type];
  // Tasks that are added, and tasks that leave, change what there is to do.
  const isOpened = happened === 'starts' || happened === 'is opened again' || growthOf(event) !== undefined;
  assert.ok(
    isOpened || progress >= watched.progress,
    `7: progress falls from ${watched.progress} to ${progress} at ${type}`,
  );
  watched.progress = progress;
}

function progressOf({ counts, selectedCount }: RunState): number {
  if (selectedCount === 0) return 1;
  return (counts.completed + counts.failed + counts.skipped + counts.cancelled) / selectedCount;
}

function openTasks(run: RunState): string {
  const open = run.tasks.filter((task) => task.selected && !isTerminal(task.status));
  return open.map((task) => `${task.id} is ${task.status}`).join(', ');
}

/** Ready tasks of many trees for admission's tests, and a model of the rules that every pick is checked against. */
import type { TaskId } from '@coppice/extension';
import assert from 'node:assert/strict';
import { evolvePause, findPause } from '../run/pauses.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { DEFAULTS } from '../task/field-list.ts';
import type { Priority, TaskDefinition } from '../task/task.ts';
import { buildRun } from '../run/build.ts';
import { Admission } from './admission.ts';
import type { GateLimits } from './gate-limits.ts';
import { LimitGates } from './limit-gates.ts';

export interface TreeShape {
  readonly id: string;
  readonly userId?: string;
  readonly concurrency?: number;
  /** Priority, executor, and more of the definition of each task. */
  readonly tasks: readonly (readonly [Priority, string, Partial<TaskDefinition>?])[];
  /** For each task the number of its parent, where 0 is the root and 1 the first task. Default: the root. */
  readonly parents?: readonly number[];
}

/** A run whose tasks are all ready; `t0` of tree `a` has the id `a.0`. */
export function readyRun({ id, userId = 'ann', concurrency, tasks, parents = [] }: TreeShape): RunState {
  const definitions = tasks.map(([priority, executor, more = {}], index) => {
    const taskId = `${id}.${index}` as TaskId;
    return {
      ...DEFAULTS,
      id: taskId,
      key: taskId,
      name: taskId,
      parentId: (parents[index] ? `${id}.${parents[index] - 1}` : id) as TaskId,
      executor,
      priority,
      ...more,
    };
  });
  const root = { ...DEFAULTS, id: id as TaskId, key: id, name: id };
  const run = buildRun({
    type: 'TreeCreated',
    seq: 1,
    atMs: 0,
    taskId: undefined,
    attempt: undefined,
    data: {
      definition: {
        treeId: id as TaskId,
        tasks: [root, ...definitions],
        inputs: {},
        variables: {},
        policies: concurrency === undefined ? {} : { concurrency },
      },
      userId,
      seed: '',
    },
  });
  run.status = 'running';
  for (const task of run.tasks) if (task !== run.root) task.status = 'ready';
  return run;
}

/** Admission with the limits checked after every step: it is the engine's part in small. */
export class Desk {
  readonly admission: Admission;
  readonly running = new Map<TaskState, RunState>();
  readonly runs = new Set<RunState>();
  /** Runs that have started a task and not ended. */
  readonly active = new Set<RunState>();
  readonly #limits: GateLimits;
  nowMs = 0;

  constructor(limits: GateLimits, ageingMs = 1_000_000) {
    this.#limits = limits;
    this.admission = new Admission({ gates: new LimitGates(limits, () => undefined), ageingMs });
  }

  add(run: RunState): void {
    this.runs.add(run);
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, this.nowMs);
  }

  /** Ids of what is picked, in order. */
  pick(max = 1_000_000): string[] {
    const { picked } = this.admission.pick(this.nowMs, max);
    for (const { run, task } of picked) {
      assert.equal(task.status, 'ready', `${task.id} is picked once, while it is ready`);
      assert.equal(findPause(run, task), undefined, `${task.id} is not paused`);
      task.status = 'running';
      this.running.set(task, run);
      this.active.add(run);
    }
    this.check();
    return picked.map(({ task }) => task.id);
  }

  end(task: TaskState, status: TaskState['status'] = 'completed'): void {
    const run = this.running.get(task);
    assert.ok(run !== undefined, `${task.id} is running`);
    this.running.delete(task);
    task.status = status;
    this.admission.release(run, task);
  }

  endRun(run: RunState): void {
    for (const [task, of] of this.running) if (of === run) this.end(task, 'cancelled');
    for (const task of run.tasks) task.status = 'cancelled';
    this.runs.delete(run);
    this.active.delete(run);
    this.admission.endRun(run.treeId);
  }

  /** Pauses a task with its sub-tree, or resumes it. */
  togglePause(run: RunState, top: TaskState): void {
    const type = run.pauses?.has(top.id) === true ? 'TaskResumed' : 'TaskPausing';
    evolvePause(run, top, { type, seq: 1, atMs: this.nowMs, taskId: top.id, attempt: undefined, data: {} });
    this.admission.lineUp(run, this.nowMs);
  }

  /** No gate is above its limit (invariant 5), and the counters are those of what runs. */
  check(): void {
    for (const { gate, used, limit } of this.admission.uses()) {
      assert.ok(used <= limit, `${gate} holds ${used} of ${limit}`);
      assert.equal(used, this.usedOf(gate), gate);
    }
  }

  usedOf(gate: string): number {
    const [kind, name] = gate.split(':');
    if (kind === 'user') return [...this.active].filter((run) => run.userId === name).length;
    return [...this.running].filter(([task, run]) => {
      if (kind === 'global') return true;
      if (kind === 'paused') return false;
      return kind === 'tree' ? run.treeId === name : task.definition.executor === name;
    }).length;
  }

  /** Ready tasks that no gate keeps back: after a pick without limit there must be none. */
  startable(): string[] {
    const { executors = {}, users, perUser } = this.#limits;
    const isFree = (gate: string, limit: number | undefined): boolean =>
      limit === undefined || limit === 0 || this.usedOf(gate) < limit;
    const found: string[] = [];
    for (const run of this.runs) {
      const userLimit = users?.[run.userId] ?? perUser;
      if (!this.active.has(run) && !isFree(`user:${run.userId}`, userLimit)) continue;
      if (!isFree('global', this.#limits.global) || !isFree(`tree:${run.treeId}`, this.#limits.perTree)) continue;
      if (!isFree(`tree:${run.treeId}`, run.policies.concurrency)) continue;
      for (const task of run.tasks) {
        const executor = task.definition.executor as string;
        if (
          findPause(run, task) === undefined &&
          task.status === 'ready' &&
          isFree(`executor:${executor}`, executors[executor])
        )
          found.push(task.id);
      }
    }
    return found;
  }
}

/** Carries out the effects of events: some as soon as the events are decided, the others when they are durable, in commit order. */
import {
  effectsAfterCommit,
  effectsAtOnce,
  isAttemptRunning,
  subTree,
  wakeAtMs,
  type Abort,
  type Admission,
  type Consequences,
  type EffectAfterCommit,
  type EffectAtOnce,
  type RunEvent,
  type TaskId,
  type TaskState,
} from '@coppice/core';
import { runningTasksOf } from '../progress.ts';
import { AbortReason } from './abort-reason.ts';
import type { Executions } from './executions.ts';
import type { LoadedRun } from './loaded-run.ts';
import type { LoadedRuns } from './loaded-runs.ts';
import type { RunTimers } from './run-timers.ts';
import type { Starts } from './starts.ts';

export interface EffectsParts {
  readonly loadedRuns: LoadedRuns;
  readonly admission: Admission;
  readonly starts: Starts;
  readonly timers: RunTimers;
  readonly executions: Executions;
  /** How long an attempt that was told to stop may go on before it is abandoned, ms. */
  readonly cancelGraceMs: number;
}

export class Effects {
  readonly #parts: EffectsParts;

  constructor(parts: EffectsParts) {
    this.#parts = parts;
  }

  /** Carries out effects that do not wait for the commit. The events were decided together. */
  carryOutAtOnce(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as RunEvent;
      const task = taskOf(loadedRun, event);
      if (task !== undefined) loadedRun.markChanged(task);
      const effects = effectsAtOnce(event);
      for (let each = 0; each < effects.length; each++) {
        const effect = effects[each] as EffectAtOnce;
        if (effect.do === 'enqueueReady') this.#enqueueReady(loadedRun, event.data as Consequences);
        else if (effect.do === 'release') this.#parts.admission.release(loadedRun.state, task as TaskState, event);
        else this.#atOnce(effect, loadedRun, task);
      }
    }
  }

  #atOnce(
    effect: Exclude<EffectAtOnce, { readonly do: 'enqueueReady' | 'release' }>,
    loadedRun: LoadedRun,
    task: TaskState | undefined,
  ): void {
    const { state } = loadedRun;
    switch (effect.do) {
      case 'enqueue':
        return this.#enqueue(loadedRun, task as TaskState);
      case 'write':
        return markAll(loadedRun, effect.taskIds);
      case 'lineUp':
        return this.#parts.admission.lineUp(state, state.atMs);
      case 'writeWaiting':
        for (const each of subTree(task as TaskState)) if (each.waiting !== undefined) loadedRun.markChanged(each);
        return;
      case 'openRun':
        return this.#parts.loadedRuns.opened(state);
      case 'endRun':
        this.#parts.starts.forget(state);
        this.#parts.admission.dropRun(state.treeId);
        return this.#parts.loadedRuns.ended(state);
    }
  }

  #enqueueReady(loadedRun: LoadedRun, { ready = [] }: Consequences): void {
    for (let at = 0; at < ready.length; at++) {
      const task = loadedRun.state.byId.get(ready[at] as TaskId) as TaskState;
      loadedRun.markChanged(task);
      this.#enqueue(loadedRun, task);
    }
  }

  #enqueue({ state }: LoadedRun, task: TaskState): void {
    // Events that were decided together have the same time, so any of them is right here.
    if (task.status === 'ready') this.#parts.admission.enqueue(state, task, state.atMs);
  }

  /** Carries out effects of durable events, unless the run was dropped meanwhile. */
  carryOutAfterCommit(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    for (let at = 0; at < events.length && loadedRun.dropped === undefined; at++) {
      const event = events[at] as RunEvent;
      const effects = effectsAfterCommit(event);
      for (let each = 0; each < effects.length; each++)
        this.#afterCommit(effects[each] as EffectAfterCommit, loadedRun, event);
    }
  }

  #afterCommit(effect: EffectAfterCommit, loadedRun: LoadedRun, event: RunEvent): void {
    const { timers } = this.#parts;
    if (effect.do === 'advance') return loadedRun.advance();
    if (effect.do === 'limitRun') return timers.limitRun(loadedRun);
    const task = taskOf(loadedRun, event);
    // The task was deleted meanwhile.
    if (task === undefined) return;
    switch (effect.do) {
      case 'start':
        if (isAttemptRunning(task, event.attempt as number)) this.#start(loadedRun, task);
        return;
      case 'wake':
        if (task.waiting !== undefined && wakeAtMs(task.waiting) === effect.atMs) timers.wake(loadedRun, task);
        return;
      case 'setTimers':
        return timers.setAll(loadedRun, task);
      case 'drain':
        return this.#drain(loadedRun, task.id);
      case 'limit':
        return timers.limitTask(loadedRun, task);
      case 'clear':
        timers.clearTask(loadedRun, task.id);
        return timers.limitTask(loadedRun, task);
      case 'abort':
        return this.#abort(loadedRun, task, { attempt: event.attempt, why: effect.why });
    }
  }

  /** Sets the timer that releases the attempts of a paused task, if its pause says when. */
  #drain(loadedRun: LoadedRun, taskId: TaskId): void {
    const { timers, executions } = this.#parts;
    const pause = loadedRun.state.pauses?.get(taskId);
    const atMs = pause?.isReached === false ? pause.drainUntilMs : undefined;
    timers.drain(
      loadedRun,
      taskId,
      atMs === undefined ? undefined : { atMs, failing: executions.interruptions.failing },
    );
  }

  #start(loadedRun: LoadedRun, task: TaskState): void {
    const { timers, executions } = this.#parts;
    if (task.timeoutLimit === 'task') timers.limitAttempt(loadedRun, task);
    timers.limitTask(loadedRun, task);
    executions.dispatcher.start(loadedRun, task);
    const running = loadedRun.findAttempt(task);
    if (running !== undefined) timers.watchAttempt(loadedRun, running, task);
  }

  /** Aborts an attempt if its executor still works on it. Most executors have returned already. */
  #abort(
    loadedRun: LoadedRun,
    task: TaskState,
    { attempt, why }: { readonly attempt: number | undefined; readonly why: Abort },
  ): void {
    let running = loadedRun.findAttempt(task);
    // This process did not start the attempt: a killed process left it open. Its work may still go on outside.
    if (running === undefined && why.code === 'cancelled')
      running = this.#parts.executions.interruptions.reclaim(loadedRun, task);
    if (running === undefined || running.attempt !== attempt || running.isAborted) return;
    running.abort(new AbortReason(why.code, why.message));
    if (why.code !== 'shutdown' && !running.hasEnded)
      this.#parts.timers.watchAborted(running, this.#parts.cancelGraceMs);
  }

  /** Continues a run of a former process: counts its running attempts, queues its ready tasks, and sets timers for its waiting tasks. */
  resume(loadedRun: LoadedRun, nowMs: number): void {
    const { loadedRuns, admission, timers } = this.#parts;
    const { state } = loadedRun;
    loadedRuns.resumed(state);
    for (const task of runningTasksOf(state)) admission.adopt(state, task, nowMs);
    for (const task of state.tasks) {
      if (task.status === 'ready') admission.enqueue(state, task, nowMs);
      else if (task.waiting !== undefined) timers.wake(loadedRun, task);
    }
    for (const task of state.deadlines?.keys() ?? []) timers.limitTask(loadedRun, task);
    for (const taskId of state.pauses?.keys() ?? []) this.#drain(loadedRun, taskId);
    timers.limitRun(loadedRun);
  }

  /** Stops starts and timers of a run whose state can not be trusted. Its attempts keep their places until they have ended. */
  drop(loadedRun: LoadedRun, givenUp: readonly RunEvent[]): void {
    const { loadedRuns, admission, starts, timers } = this.#parts;
    starts.forget(loadedRun.state);
    admission.holdRun(loadedRun.state, givenUp);
    timers.clearRun(loadedRun);
    loadedRuns.drop(loadedRun);
  }
}

function taskOf({ state }: LoadedRun, { taskId }: RunEvent): TaskState | undefined {
  return taskId === undefined ? undefined : state.byId.get(taskId);
}

/** Marks tasks as changed. Deleted tasks can not be found by id any more, so all tasks are searched for them. */
function markAll(loadedRun: LoadedRun, taskIds: readonly TaskId[]): void {
  const ids = new Set<TaskId>();
  for (const id of taskIds) {
    const task = loadedRun.state.byId.get(id);
    if (task === undefined) ids.add(id);
    else loadedRun.markChanged(task);
  }
  if (ids.size === 0) return;
  for (const task of loadedRun.state.tasks) if (ids.has(task.id)) loadedRun.markChanged(task);
}

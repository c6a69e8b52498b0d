/** Carries out what events set in motion: some of it as soon as they are decided, the rest once they are durable, in commit order. */
import {
  effectsAfterCommit,
  effectsAtOnce,
  type Abort,
  type Admission,
  type EffectAfterCommit,
  type EffectAtOnce,
  type RunEvent,
  type TaskId,
  type TaskState,
} from '@coppice/core';
import { runningTasksOf } from '../progress.ts';
import { AbortReason } from './abort-reason.ts';
import type { Executions } from './executions.ts';
import type { HostedRun } from './hosted-run.ts';
import type { Hosts } from './hosts.ts';
import type { RunTimers } from './run-timers.ts';
import type { Starts } from './starts.ts';

export interface EffectsParts {
  readonly hosts: Hosts;
  readonly admission: Admission;
  readonly starts: Starts;
  readonly timers: RunTimers;
  readonly executions: Executions;
}

export class Effects {
  readonly #parts: EffectsParts;

  constructor(parts: EffectsParts) {
    this.#parts = parts;
  }

  /** What events mean that were decided together, before they are durable. */
  carryOutAtOnce(host: HostedRun, events: readonly RunEvent[]): void {
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as RunEvent;
      const task = taskOf(host, event);
      if (task !== undefined) host.markChanged(task);
      const effects = effectsAtOnce(event);
      for (let each = 0; each < effects.length; each++) this.#atOnce(effects[each] as EffectAtOnce, host, task);
    }
  }

  #atOnce(effect: EffectAtOnce, host: HostedRun, task: TaskState | undefined): void {
    const { state } = host;
    switch (effect.do) {
      case 'release':
        return this.#parts.admission.release(state, task as TaskState);
      case 'enqueue':
        return this.#enqueue(host, effect.taskIds);
      case 'write':
        return markAll(host, effect.taskIds);
      case 'openRun':
        return this.#parts.hosts.opened(state);
      case 'endRun':
        this.#parts.starts.forget(state);
        this.#parts.admission.dropRun(state.treeId);
        return this.#parts.hosts.ended(state);
    }
  }

  #enqueue(host: HostedRun, taskIds: readonly TaskId[]): void {
    const { state } = host;
    for (let at = 0; at < taskIds.length; at++) {
      const task = state.byId.get(taskIds[at] as TaskId) as TaskState;
      host.markChanged(task);
      // Events that were decided together have one time.
      if (task.status === 'ready') this.#parts.admission.enqueue(state, task, state.atMs);
    }
  }

  /** What durable events set in motion, as far as the run is not dropped meanwhile. */
  carryOutAfterCommit(host: HostedRun, events: readonly RunEvent[]): void {
    for (let at = 0; at < events.length && host.dropped === undefined; at++) {
      const event = events[at] as RunEvent;
      const effects = effectsAfterCommit(event);
      for (let each = 0; each < effects.length; each++)
        this.#afterCommit(effects[each] as EffectAfterCommit, host, event);
    }
  }

  #afterCommit(effect: EffectAfterCommit, host: HostedRun, event: RunEvent): void {
    const { timers } = this.#parts;
    if (effect.do === 'advance') return host.advance();
    if (effect.do === 'limitRun') return timers.limitRun(host);
    const task = taskOf(host, event);
    // It was deleted meanwhile.
    if (task === undefined) return;
    switch (effect.do) {
      case 'start':
        if (task.status === 'running' && task.attempt === event.attempt) this.#start(host, task);
        return;
      case 'wake':
        if (task.waiting?.untilMs === effect.atMs) timers.wake(host, task.id, effect.atMs);
        return;
      case 'clear':
        return timers.clearTask(host, task.id);
      case 'abort':
        return this.#abort(host, task, { attempt: event.attempt as number, why: effect.why });
    }
  }

  #start(host: HostedRun, task: TaskState): void {
    const { timers, executions } = this.#parts;
    if (task.timeoutLimit === 'task') timers.limitAttempt(host, task);
    executions.dispatcher.start(host, task);
    const running = host.findAttempt(task.id);
    if (running !== undefined) timers.watchAttempt(host, running, task);
  }

  /** Most attempts that end are in nobody's hand any more. */
  #abort(host: HostedRun, task: TaskState, { attempt, why }: { readonly attempt: number; readonly why: Abort }): void {
    let running = host.findAttempt(task.id);
    // A cancelled attempt that a killed process left open is in nobody's hand here, and may still run outside.
    if (running === undefined && why.code === 'cancelled')
      running = this.#parts.executions.interruptions.reclaim(host, task);
    if (running?.attempt === attempt) running.abort(new AbortReason(why.code, why.message));
  }

  /** Makes a run go on that a former process left: its attempts are counted, what is ready stands in line, what waits gets its timer. */
  resume(host: HostedRun, nowMs: number): void {
    const { hosts, admission, timers } = this.#parts;
    const { state } = host;
    hosts.resumed(state);
    for (const task of runningTasksOf(state)) admission.adopt(state, task, nowMs);
    for (const task of state.tasks) {
      if (task.status === 'ready') admission.enqueue(state, task, nowMs);
      else if (task.waiting !== undefined) timers.wake(host, task.id, task.waiting.untilMs);
    }
    timers.limitRun(host);
  }

  /** Nothing of a run is started or timed any more whose state can not be trusted. Its attempts keep their places until they have ended. */
  drop(host: HostedRun, givenUp: readonly RunEvent[]): void {
    const { hosts, admission, starts, timers } = this.#parts;
    starts.forget(host.state);
    admission.holdRun(host.state, givenUp);
    timers.clearRun(host);
    hosts.drop(host);
  }
}

function taskOf({ state }: HostedRun, { taskId }: RunEvent): TaskState | undefined {
  return taskId === undefined ? undefined : state.byId.get(taskId);
}

/** Also tasks that are deleted, which are found under their id no more. */
function markAll(host: HostedRun, taskIds: readonly TaskId[]): void {
  const ids = new Set(taskIds);
  for (const task of host.state.tasks) if (ids.has(task.id)) host.markChanged(task);
}

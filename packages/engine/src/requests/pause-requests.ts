/** Requests that pause and resume runs and sub-trees. */
import { hasEverStarted, isDurationMs, refuse, type Outcome, type RunCommand, type TaskId } from '@coppice/core';
import type { Engine, PauseChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import { detachValue } from './detach-submission.ts';
import { commandAnd } from './run-requests.ts';

export function createPauseRequests(parts: EngineParts): Pick<Engine, 'pause' | 'resume'> {
  return {
    async pause(taskId, options) {
      const { drainTimeoutMs } = options ?? {};
      if (drainTimeoutMs !== undefined && !isDurationMs(drainTimeoutMs)) {
        return refuse('tree/invalid', `drainTimeoutMs must be a number of ms from 0 on, not ${drainTimeoutMs}`);
      }
      const given = detachValue({ reason: options?.reason }, []);
      if (!given.ok) return given;
      const { failing } = parts.kernel.executions.interruptions;
      const { reason } = given.value;
      const { actor } = options ?? {};
      return change(parts, taskId, { made: { type: 'pause', taskId, reason, drainTimeoutMs, failing, actor } });
    },
    async resume(taskId, options) {
      const given = detachValue({ reason: options?.reason }, []);
      if (!given.ok) return given;
      const made: RunCommand = { type: 'resume', taskId, reason: given.value.reason, actor: options?.actor };
      if (!(await isUnbegun(parts, taskId))) return change(parts, taskId, { made });
      const entered = await parts.submissions.enter();
      if (!entered.ok) return entered;
      const { isLate, use, leave } = entered.value;
      if (isLate) return refuse('limit/refused', 'Too many runs wait to begin. The run stays paused: resume it later');
      try {
        return await change(parts, taskId, { made, onDecided: ({ state }) => use(state) });
      } finally {
        leave();
      }
    },
  };
}

/** True for a run as a whole of which nothing has ever started. */
async function isUnbegun({ loader }: EngineParts, taskId: TaskId): Promise<boolean> {
  const treeId = await loader.findTreeOf(taskId);
  if (treeId !== taskId) return false;
  return (await loader.withRun(treeId, ({ state }) => !hasEverStarted(state))) === true;
}

interface Change {
  readonly made: RunCommand;
  readonly onDecided?: (loadedRun: LoadedRun) => void;
}

async function change(parts: EngineParts, taskId: TaskId, { made, onDecided }: Change): Promise<Outcome<PauseChange>> {
  const changed = await commandAnd(parts, taskId, { make: () => made, onDecided });
  if (!changed.ok) return changed;
  const { treeId, status } = changed.value;
  const pause = parts.kernel.loadedRuns.find(treeId)?.state.pauses?.get(taskId);
  const paused = pause === undefined ? undefined : pause.isReached ? 'paused' : 'pausing';
  return { ok: true, value: { treeId, status, paused } };
}

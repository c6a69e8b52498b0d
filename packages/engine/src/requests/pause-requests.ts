/** Requests that pause and resume runs and sub-trees. */
import { isDurationMs, refuse, type Outcome, type RunCommand, type TaskId } from '@coppice/core';
import type { Engine, PauseChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { detachValue } from './detach-submission.ts';
import { command } from './run-requests.ts';

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
      return change(parts, taskId, { type: 'pause', taskId, reason, drainTimeoutMs, failing, actor: options?.actor });
    },
    async resume(taskId, options) {
      const given = detachValue({ reason: options?.reason }, []);
      if (!given.ok) return given;
      return change(parts, taskId, { type: 'resume', taskId, reason: given.value.reason, actor: options?.actor });
    },
  };
}

async function change(parts: EngineParts, taskId: TaskId, made: RunCommand): Promise<Outcome<PauseChange>> {
  const changed = await command(parts, taskId, () => made);
  if (!changed.ok) return changed;
  const { treeId, status } = changed.value;
  const pause = parts.kernel.loadedRuns.find(treeId)?.state.pauses?.get(taskId);
  const paused = pause === undefined ? undefined : pause.isReached ? 'paused' : 'pausing';
  return { ok: true, value: { treeId, status, paused } };
}

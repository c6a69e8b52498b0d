/** Requests that move a run: execute, cancel, retry, and waiting for its end. */
import {
  refuse,
  type Outcome,
  type RunCommand,
  type RunEvent,
  type RunStatus,
  type TaskId,
  type TreeId,
} from '@coppice/core';
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { decideDurably } from './decide-durably.ts';
import { detachInputs, detachValue } from './detach-submission.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';

export function createRunRequests(parts: EngineParts): Pick<Engine, 'cancel' | 'retry' | 'settled'> {
  return {
    async cancel(taskId, options) {
      const given = detachValue({ reason: options?.reason }, []);
      if (!given.ok) return given;
      const decided = await command(parts, taskId, (loadedRun) => ({
        type: 'cancel',
        taskId: belowRoot(loadedRun, taskId),
        reason: given.value.reason,
        actor: options?.actor,
      }));
      if (!decided.ok) return decided;
      if (options?.force !== true) await handsOff(parts, decided.value.treeId, taskId);
      const taskCount = decided.value.events.filter(({ type }) => type === 'TaskCancelled').length;
      return { ok: true, value: { status: 'cancelled', taskCount } };
    },
    async retry(taskId, { mode, cascade, inputs: given, actor }) {
      const inputs = detachInputs(given);
      if (!inputs.ok) return inputs;
      const decided = await command(parts, taskId, (loadedRun) => ({
        type: 'retry',
        mode,
        taskId: belowRoot(loadedRun, taskId),
        cascade,
        inputs: inputs.value,
        actor,
      }));
      if (!decided.ok) return decided;
      const { treeId, status, events } = decided.value;
      const reset = events.flatMap((event) => (event.type === 'RunReopened' ? event.data.reset : []));
      return { ok: true, value: { treeId, status, taskCount: reset.length } };
    },
    async settled(treeId) {
      if (parts.quarantine.find(treeId) !== undefined) return 'failed';
      const waited = await parts.loader.withRun(treeId, (loadedRun): Promise<RunStatus> | RunStatus => {
        if (!loadedRun.isUnderWay) return loadedRun.state.status;
        // When the engine has failed, `committed` rejects with the reason. Waiting for the end would never end.
        if (parts.kernel.hasFailed) return parts.kernel.commits.committed().then(() => loadedRun.state.status);
        return loadedRun.ended();
      });
      return waited;
    },
  };
}

/** The task as a command names it. The root stands for the whole run, which a command does not name. */
function belowRoot(loadedRun: LoadedRun, taskId: TaskId): TaskId | undefined {
  return taskId === loadedRun.treeId ? undefined : taskId;
}

type RunChange = { readonly treeId: TreeId; readonly status: RunStatus; readonly events: readonly RunEvent[] };

/** A command on a run, and what follows from it. */
interface Asked {
  readonly make: (loadedRun: LoadedRun) => RunCommand;
  /** Called in the turn in which it was accepted. */
  readonly onDecided?: ((loadedRun: LoadedRun) => void) | undefined;
}

/** Decides a command, and answers when its events are durable. */
export function command(parts: EngineParts, taskId: TaskId, make: Asked['make']): Promise<Outcome<RunChange>> {
  return commandAnd(parts, taskId, { make });
}

/** The same, with what follows from it. */
export async function commandAnd(
  parts: EngineParts,
  taskId: TaskId,
  { make, onDecided }: Asked,
): Promise<Outcome<RunChange>> {
  const treeId = await parts.loader.findTreeOf(taskId);
  if (treeId === undefined) return notFound(taskId);
  const decided = await decideDurably(parts, treeId, (loadedRun): Outcome<RunChange> => {
    const decision = parts.kernel.submit(loadedRun, make(loadedRun));
    if (!decision.ok) return decision;
    onDecided?.(loadedRun);
    return { ok: true, value: { treeId, status: loadedRun.state.status, events: decision.value } };
  });
  return decided ?? notFound(taskId);
}

export function notFound(taskId: TaskId): ReturnType<typeof refuse> {
  return refuse('task/not-found', `There is no task ${taskId}. tasks.list shows what is stored`, { data: { taskId } });
}

/** Waits until the executors of a cancelled sub-tree have returned, at most for the grace period. */
async function handsOff(parts: EngineParts, treeId: TreeId, taskId: TaskId): Promise<void> {
  const loadedRun = parts.kernel.loadedRuns.find(treeId);
  const top = loadedRun?.state.byId.get(taskId);
  if (loadedRun === undefined || top === undefined) return;
  const isBelow = (id: TaskId): boolean => {
    for (let task = loadedRun.state.byId.get(id); task !== undefined; task = task.parent) if (task === top) return true;
    return false;
  };
  const inHand = loadedRun.attempts.filter((attempt) => attempt.isAborted && isBelow(attempt.taskId));
  if (inHand.length === 0) return;
  await new Promise<void>((resolve) => {
    const disarm = parts.clock.setTimer(parts.cancelGraceMs, resolve);
    void Promise.all(inHand.map((attempt) => attempt.ended)).then(() => {
      disarm();
      resolve();
    });
  });
}

/** Requests that begin a run. */
import { refuse, type Actor, type RunCommand, type TaskId } from '@coppice/core';
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { LoadedRun } from '../kernel/loaded-run.ts';
import type { Entry } from '../submissions.ts';
import { detachInputs } from './detach-submission.ts';
import { commandAnd } from './run-requests.ts';

const MAX_OPEN_TASKS = 5_000_000;
/** Hint when a run is refused because too many tasks are open, ms. */
const RETRY_AFTER_MS = 1_000;

export function createExecuteRequests(parts: EngineParts): Pick<Engine, 'enter' | 'execute'> {
  return {
    enter: () => parts.submissions.enter(),
    async execute(taskId, options = {}) {
      const tooMany = refuseTooMany(parts);
      if (tooMany !== undefined) return tooMany;
      const inputs = detachInputs(options.inputs);
      if (!inputs.ok) return inputs;
      let { entry } = options;
      if (entry === undefined) {
        const entered = await parts.submissions.enter();
        if (!entered.ok) return entered;
        entry = entered.value;
      }
      const begins: Beginning = { entry, actor: options.actor };
      try {
        const decided = await commandAnd(parts, taskId, {
          make: (loadedRun): RunCommand => ({
            type: 'execute',
            taskIds: options.taskIds ?? chosen(loadedRun, taskId, options.only),
            inputs: inputs.value,
            actor: options.actor,
          }),
          onDecided: (loadedRun) => begin(parts, loadedRun, begins),
        });
        if (!decided.ok) return decided;
        return { ok: true, value: { treeId: decided.value.treeId, status: decided.value.status } };
      } finally {
        entry.leave();
      }
    },
  };
}

function refuseTooMany({ limits, kernel }: EngineParts): ReturnType<typeof refuse> | undefined {
  const limit = limits.maxOpenTasks ?? MAX_OPEN_TASKS;
  const { openTasks } = kernel.loadedRuns;
  if (openTasks < limit) return undefined;
  return refuse('limit/refused', `${openTasks} tasks are open, the limit is ${limit}. Try again when runs have ended`, {
    data: { limit, actual: openTasks, retryAfterMs: RETRY_AFTER_MS },
  });
}

interface Beginning {
  readonly entry: Entry;
  readonly actor: Actor | undefined;
}

/** A run for which there was no room begins paused, in the same commit. */
function begin({ kernel }: EngineParts, loadedRun: LoadedRun, { entry, actor }: Beginning): void {
  if (entry.isLate) {
    const reason = 'backpressure: too many runs wait to begin; resume it when there is room';
    const { failing } = kernel.executions.interruptions;
    kernel.submit(loadedRun, { type: 'pause', taskId: loadedRun.treeId, reason, failing, actor });
  }
  entry.use(loadedRun.state);
}

/** The tasks that a run shall execute; undefined: all. */
function chosen(
  loadedRun: LoadedRun,
  taskId: TaskId,
  only: readonly string[] | undefined,
): readonly TaskId[] | undefined {
  if (only === undefined) return taskId === loadedRun.treeId ? undefined : [taskId];
  const keys = new Set(only);
  return loadedRun.state.tasks.filter(({ definition }) => keys.has(definition.key)).map(({ id }) => id);
}

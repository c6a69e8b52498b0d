/** Runs to store, for tests of what only files have. */
import {
  appendOf,
  create,
  decide,
  type DecideContext,
  type TreeAppend,
  type RunCommand,
  type RunEvent,
  type RunState,
  NO_SCHEMAS,
} from '@coppice/core';
import { validateTree, type TreeId } from '@coppice/core';
import { plainContext } from '@coppice/testkit/simulation';

let nowMs = 1_700_000_000_000;

function context(): DecideContext {
  nowMs += 1;
  const expressions = { check: () => undefined, reads: () => [], evaluate: () => true };
  return plainContext({ nowMs, expressions });
}

/** An append, and the run that it is of. */
export type RunningAppend = TreeAppend & { readonly run: RunState };

/** A new tree: a group and `size` tasks in it, as a first append. */
export function createTree(
  id: string,
  size: number,
  options: { readonly tags?: readonly string[] } = {},
): RunningAppend {
  const { expressions } = context();
  const members = Array.from({ length: size }, (_, i) => ({
    id: `${id}.${i}`,
    parentId: id,
    executor: 'work',
    ...options,
  }));
  const definition = validateTree(
    { tasks: [{ id }, ...members] },
    {
      treeId: id as TreeId,
      expressions,
      findExecutor: () => ({ checkInputs: () => [] }),
      executorTypes: [],
      backoffs: new Set(),
      schemas: NO_SCHEMAS,
    },
  );
  if (!definition.ok) throw new Error(definition.rejection.message);
  const { run, event } = create({ definition: definition.value, userId: 'ann', seed: 's' }, context());
  return { run, ...appendOf(run, [event]) };
}

/** The append of a command's events. */
export function commanded(run: RunState, ...commands: readonly RunCommand[]): TreeAppend {
  const events: RunEvent[] = [];
  for (const command of commands) {
    const decision = decide(run, command, context());
    if (!decision.ok) throw new Error(decision.rejection.message);
    events.push(...decision.value);
  }
  return appendOf(run, events);
}

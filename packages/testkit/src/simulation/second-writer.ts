/** Another writer on the same store, which should not be there: it appends to a run that the engine is about to append to. */
import {
  appendOf,
  decide,
  fromSnapshot,
  isExecuting,
  toSnapshot,
  type TreeAppend,
  type RunCommand,
  type RunSnapshot,
  type RunState,
  type StreamAppend,
  type TreeId,
} from '@coppice/core';
import { createCelExpressions } from '@coppice/engine';
import { plainContext } from '../plain-context.ts';

/** The same as the engine's: another writer is another engine. */
const expressions = createCelExpressions();

/** What it appends to the first tree of a batch with which it has any business, decided on the durable state. */
export function appendOfAnother(
  batch: readonly StreamAppend[],
  findRun: (treeId: TreeId) => RunState | undefined,
  nowMs: number,
): TreeAppend | undefined {
  for (const part of batch) {
    const run = part.kind === 'tree' ? findRun(part.tree.treeId) : undefined;
    const append = run === undefined ? undefined : appendTo(run, nowMs);
    if (append !== undefined) return append;
  }
  return undefined;
}

function appendTo(durable: RunState, nowMs: number): TreeAppend | undefined {
  const run = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(durable))) as RunSnapshot);
  const command = commandFor(run);
  if (command === undefined) return undefined;
  const decision = decide(run, command, plainContext({ nowMs, expressions }));
  return decision.ok && decision.value.length > 0 ? appendOf(run, decision.value) : undefined;
}

/** Nothing that changes what the run ends in. */
function commandFor({ status, tasks }: RunState): RunCommand | undefined {
  if (status === 'created') return { type: 'execute' };
  const running = tasks.find(isExecuting);
  if (running === undefined) return undefined;
  const { id: taskId, attempt } = running;
  return { type: 'progress', taskId, attempt, fraction: 0.25, message: 'told by another writer' };
}

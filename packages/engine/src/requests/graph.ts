/** The graph of a run at one moment: its tasks, what became of each edge, and its gates (R-PR-09). */
import { edgeDecision, type GateUse, type RunState, type TaskState, type TreeId } from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import type { GraphGate, GraphPage, GraphQuery, GraphTask } from '../shown-run.ts';

/** Undefined: there is no such tree. Throws when the log can not be read. */
export async function graphOf(parts: EngineParts, treeId: TreeId, query: GraphQuery): Promise<GraphPage | undefined> {
  const found = await parts.loader.withRun(treeId, (loadedRun) => {
    const { state, isDurable, durableSeq } = loadedRun;
    const isNow = isDurable && (query.seq ?? state.seq) === state.seq;
    // Nobody else may see the state of a moment that is not stored yet; and the live state is shown in the turn in which it was found.
    return isNow
      ? graphPage(parts, state, { ...query, uses: parts.kernel.admission.uses() })
      : { treeId, seq: query.seq ?? durableSeq, seed: state.seed };
  });
  if (found === undefined || 'items' in found) return found;
  return parts.pastState.at(found, (run) => graphPage(parts, run, query));
}

function graphPage(
  { kernel }: EngineParts,
  run: RunState,
  { uses, ...query }: GraphQuery & { readonly uses?: readonly GateUse[] },
): GraphPage {
  const { items, next } = tasksOf(kernel, run, query);
  const { treeId, seq, atMs, status } = run;
  return {
    treeId,
    seq,
    atMs,
    status,
    taskCount: run.byId.size,
    items,
    gates: kernel.admission.heldBy(run).map((held): GraphGate => {
      const use = uses?.find(({ gate }) => gate === held.gate);
      return use === undefined ? held : { ...held, use: { used: use.used, waiting: use.waiting } };
    }),
    ...(next === undefined ? {} : { next }),
  };
}

/** Tasks after a position until their edges fill the page. */
function tasksOf(
  kernel: EngineParts['kernel'],
  run: RunState,
  { after = -1, limit, only }: GraphQuery,
): { readonly items: readonly GraphTask[]; readonly next: number | undefined } {
  const items: GraphTask[] = [];
  const wanted = only === undefined ? undefined : new Set(only);
  let entries = 0;
  let last: number | undefined;
  let next: number | undefined;
  for (const task of run.tasks) {
    if (task.index <= after || task.deleted || wanted?.has(task.id) === false) continue;
    entries += 1 + task.incoming.length;
    if (entries > limit && items.length > 0) {
      next = last;
      break;
    }
    items.push(graphTask(kernel, task));
    last = task.index;
  }
  return { items, next };
}

function graphTask(kernel: EngineParts['kernel'], task: TaskState): GraphTask {
  const context = kernel.context();
  const edges = task.incoming.map((edge) => ({
    source: edge.source.id,
    dependency: edge.dependency,
    ...edgeDecision(edge, context),
  }));
  const { definition, status, attempt, selected, winner, reason } = task;
  return { definition, status, attempt, selected, winner, reason, edges };
}

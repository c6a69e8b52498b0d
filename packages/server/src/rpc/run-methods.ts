/** Methods that show a run as a whole: how far it is, its graph, and its history. */
import type { TaskId, TreeId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { graphToWire } from '../wire/graph-to-wire.ts';
import { diffToWire, timesToWire } from '../wire/history-to-wire.ts';
import { figuresToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import { findOwnTree } from './ownership.ts';
import type { Implementations, Services } from './services.ts';

export function runMethods({
  engine,
}: Services): Implementations<'tasks.status' | 'tasks.graph' | 'tasks.times' | 'tasks.diff'> {
  return {
    'tasks.status': async ({ treeId, groups }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const asked = await ownTasks(engine, tree.value.treeId, groups);
      if (!asked.ok) return asked;
      const figures = await engine.figures(tree.value.treeId, asked.value);
      return figures.ok ? answer(figuresToWire(figures.value)) : figures;
    },
    'tasks.graph': async ({ treeId, seq, taskIds, limit, cursor }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const last = tree.value.seq;
      if (seq !== undefined && seq > last) return refuseSeq('seq', seq, { first: 1, last });
      const only = await ownTasks(engine, tree.value.treeId, taskIds);
      if (!only.ok) return only;
      const after = cursor === undefined ? undefined : Number(cursor);
      const page = await engine.graph(tree.value.treeId, { seq, after, only: only.value, limit });
      return page.ok ? answer(graphToWire(page.value)) : page;
    },
    'tasks.times': async ({ treeId, seq, by, limit }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const last = tree.value.seq;
      if (seq !== undefined && seq > last) return refuseSeq('seq', seq, { first: 1, last });
      const times = await engine.times(tree.value.treeId, { seq, by, limit });
      return times.ok ? answer(timesToWire(times.value)) : times;
    },
    'tasks.diff': async ({ treeId, from, to, limit }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const last = tree.value.seq;
      if (from > last) return refuseSeq('from', from, { first: 1, last });
      if (to !== undefined && (to > last || to < from)) return refuseSeq('to', to, { first: from, last });
      const diff = await engine.diff(tree.value.treeId, { from, to, limit });
      return diff.ok ? answer(diffToWire(diff.value)) : diff;
    },
  };
}

/** The tasks, when all of them are tasks of the tree. */
export async function ownTasks(
  { index }: Engine,
  treeId: TreeId,
  named: readonly string[] | undefined,
): Promise<Answer<readonly TaskId[] | undefined>> {
  const ids = named as readonly TaskId[] | undefined;
  const tasks = await Promise.all((ids ?? []).map((id) => index.findTask(id)));
  const unknown = tasks.findIndex((task) => task?.treeId !== treeId);
  return unknown === -1 ? answer(ids) : refuseUnknown('task', named?.[unknown] ?? '');
}

function refuseSeq(
  field: string,
  seq: number,
  { first, last }: { readonly first: number; readonly last: number },
): ReturnType<typeof refuse> {
  const isLate = seq > last;
  const reason = isLate
    ? `the last event of the tree is ${last}`
    : `it is before event ${first}, from which is compared`;
  const what = isLate ? `There is no event ${seq}` : `Event ${seq} can not be the later moment`;
  return refuse('rpc/invalid-params', `${what}: ${reason}.`, {
    errors: [{ path: [field], reason, expected: `${first} to ${last}`, actual: seq }],
  });
}

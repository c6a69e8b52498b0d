/** Coppice as a subject: each tree is created, executed and waited for through the engine's public face. */
import type { Executor, JsonObject, Outcome, TaskSubmission, TreeId, TreeSubmission } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { OpenSubject, Subject } from '../subject.ts';
import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { createStore, openEngine, type StoreMode } from './open-engine.ts';

const EXECUTOR = 'witness';

export function coppiceSubject(mode: StoreMode): Subject {
  return { name: `coppice-${mode}`, open: (dir) => open(mode, dir) };
}

/** A workload's tree as a submission. A tree without a single first task hangs under a group. */
export function toSubmission(tasks: readonly WorkTask[], concurrency: number): TreeSubmission {
  const first = tasks[0] as WorkTask;
  const isRooted = tasks.every((task) => task === first || task.dependencies.length > 0);
  const root = isRooted ? first.name : 'all';
  const submitted = tasks.map(({ name, dependencies }): TaskSubmission =>
    name === root
      ? { name, executor: EXECUTOR }
      : { name, parentId: root, executor: EXECUTOR, ...(dependencies.length === 0 ? {} : { dependencies }) },
  );
  return { tasks: isRooted ? submitted : [{ name: root }, ...submitted], policies: { concurrency } };
}

/** The value of an answer that must not be a refusal. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`Refused (${outcome.rejection.code}): ${outcome.rejection.message}`);
}

/** Creates a tree, has it run, and waits for its end. `created` is told its id before it runs. */
export async function runTree(
  engine: Engine,
  submission: TreeSubmission,
  created: (treeId: TreeId) => void = () => {},
): Promise<TreeId> {
  const treeId = valueOf(await engine.create(submission, { userId: 'bench' }));
  created(treeId);
  valueOf(await engine.execute(treeId));
  const status = await engine.settled(treeId);
  if (status !== 'completed') throw new Error(`Tree ${treeId} ended as ${status}`);
  return treeId;
}

async function open(mode: StoreMode, dir: string): Promise<OpenSubject> {
  const trees = new Map<string, number>();
  let witness: Witness | undefined;
  const executor: Executor = {
    type: EXECUTOR,
    description: 'Does the work of a benchmark.',
    effects: 'pure',
    execute: (_input: JsonObject, { treeId, taskName }) => witness?.execute(trees.get(treeId) as number, taskName),
  };
  const { engine, close } = await openEngine(createStore(mode, dir), [executor]);
  let groups = 0;
  const runOne = async (workload: Workload, index: number): Promise<void> => {
    const tasks = workload.trees[index] as readonly WorkTask[];
    const submission = toSubmission(tasks, workload.concurrency);
    groups += submission.tasks.length - tasks.length;
    await runTree(engine, submission, (treeId) => trees.set(treeId, index));
  };
  return {
    run: (workload, given) => {
      witness = given;
      return inLanes(workload.trees.length, workload.treesAtOnce, (index) => runOne(workload, index));
    },
    countStored: async () => {
      const counts = await engine.index.count({ rootOnly: false, status: ['completed'] });
      return (counts['completed'] ?? 0) - groups;
    },
    close,
  };
}

/** What is checked of clean-up (`finally`): a group is around it, and nothing waits for it that it waits for itself. */
import { isGroup, type OfAKind } from '../task/kind.ts';
import type { ResolvedDependency } from './dependencies.ts';
import { siteOf, violate, type Site } from './report.ts';

interface OfCleanUp extends OfAKind {
  readonly finally?: boolean | undefined;
}

/** A tree, submitted or stored. */
export interface CleanUpTree {
  readonly tasks: readonly OfCleanUp[];
  /** Position of each task's parent; -1: none. */
  readonly parents: ArrayLike<number>;
  readonly keys: (position: number) => string;
}

/** Checks all tasks of a new tree. Costs nothing but a look at each task when none cleans up. */
export function checkCleanUp(
  tree: CleanUpTree,
  dependencies: readonly (readonly ResolvedDependency[])[],
  siteAt: (position: number) => Site,
): void {
  const { tasks, parents } = tree;
  if (!tasks.some((task) => task.finally === true)) return;
  for (let position = 0; position < tasks.length; position++) {
    const task = tasks[position] as OfCleanUp;
    const parent = parents[position] as number;
    if (task.finally === true) checkPlace(tree, parent, siteAt(position));
    const above = tasks[parent];
    if (above?.finally === true && !isGroup(above)) {
      violate(siteOf(siteAt(position), 'parentId'), 'tree/invalid', {
        what: `is below '${tree.keys(parent)}', which cleans up and is no group`,
        expected: 'a group with finally around both',
      });
    }
    checkWaitsForCleanUp(tree, { position, dependencies: dependencies[position] ?? [] }, () => siteAt(position));
  }
}

function checkPlace({ tasks }: CleanUpTree, parent: number, site: Site): void {
  if (parent >= 0 && isGroup(tasks[parent] as OfCleanUp)) return;
  violate(siteOf(site, 'finally'), 'tree/invalid', {
    what: `cleans up, but ${parent < 0 ? 'is the root: no group around it could end' : 'the task above it is no group'}`,
    expected: 'finally on a member of a group',
    actual: true,
  });
}

/** Reports dependencies on clean-up from outside of the clean-up. They could never be met: it waits for all other members of its group. */
export function checkWaitsForCleanUp(
  tree: CleanUpTree,
  { position, dependencies }: { readonly position: number; readonly dependencies: readonly ResolvedDependency[] },
  site: () => Site,
): void {
  for (const [index, { source }] of dependencies.entries()) {
    const cleaning =
      source < 0 ? undefined : cleanUpAround(tree, source).find((each) => !isPartOf(tree, position, each));
    if (cleaning === undefined) continue;
    violate(siteOf(site(), 'dependencies', index), 'tree/invalid-dependency', {
      what: `depends on '${tree.keys(source)}', which cleans up after the other members of its group`,
      expected: 'a dependency on the group, which ends after its clean-up; or finally on this task, in the same group',
      actual: tree.keys(source),
    });
  }
}

/** The task and those above it that clean up. */
function cleanUpAround({ tasks, parents }: CleanUpTree, position: number): readonly number[] {
  const found: number[] = [];
  for (let at = position; at >= 0; at = parents[at] as number) if (tasks[at]?.finally === true) found.push(at);
  return found;
}

/** True for what is inside a task that cleans up, or inside another one of the same group. */
function isPartOf({ tasks, parents }: CleanUpTree, position: number, cleaning: number): boolean {
  for (let at = position; at >= 0; at = parents[at] as number) {
    if (at === cleaning || (tasks[at]?.finally === true && parents[at] === parents[cleaning])) return true;
  }
  return false;
}

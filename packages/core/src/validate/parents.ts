/** The parent chain: one root, and every task under it (R-TV-03). */
import type { TaskSubmission } from '../task/submission.ts';
import type { Identities } from './identities.ts';
import { chain, siteOf, siteOfAll, violate } from './report.ts';
import { didYouMean } from './suggestion.ts';

/** Who is whose parent, by position. */
export interface Parentage {
  /** Position of each task's parent; -1: none. Wrong links are left out, so there are no cycles. */
  readonly parents: Int32Array;
  /** Position of the root; -1 when there is none. */
  readonly root: number;
  /** Parent cycles as positions, each task below the next. */
  readonly cycles: readonly (readonly number[])[];
}

/** Resolves all parents and reports what is wrong with them. */
export function checkParents(tasks: readonly TaskSubmission[], identities: Identities): Parentage {
  const parents = new Int32Array(tasks.length).fill(-1);
  let root = -1;
  for (let position = 0; position < tasks.length; position++) {
    const { parentId } = tasks[position] as TaskSubmission;
    if (parentId !== undefined) {
      parents[position] = resolveParent(parentId, position, identities);
    } else if (root < 0) {
      root = position;
    } else {
      violate(siteOf(identities.site(position), 'parentId'), 'tree/invalid-parent', {
        what: `has no parentId, but '${identities.keys[root] ?? ''}' is the root already`,
        expected: 'exactly one task without parentId',
      });
    }
  }
  if (root < 0) {
    const site = siteOf(siteOfAll('The tree', identities.site(0).report), 'tasks');
    violate(site, 'tree/invalid-parent', {
      what: 'has no root: every task has a parentId',
      expected: 'exactly one task without parentId',
    });
  }
  return { parents, root, cycles: cutCycles(parents, identities) };
}

function resolveParent(parentId: string, position: number, identities: Identities): number {
  const parent = identities.positions.get(parentId);
  if (parent !== undefined && parent !== position) return parent;
  const site = siteOf(identities.site(position), 'parentId');
  if (parent === undefined) {
    const hint = didYouMean(identities.suggest(parentId));
    violate(site, 'tree/invalid-parent', {
      what: `has the parent '${parentId}', which is not in this tree${hint}`,
      expected: `the ${identities.mode} of a task of this tree`,
      actual: parentId,
    });
    return -1;
  }
  violate(site, 'tree/invalid-parent', { what: 'is its own parent', actual: parentId });
  return -1;
}

/** Removes the links of parent cycles. Reports each cycle once, and every task below a cycle. */
function cutCycles(parents: Int32Array, identities: Identities): readonly (readonly number[])[] {
  const cycles: number[][] = [];
  // When every parent is declared before its children, there is no cycle.
  if (parents.every((parent, position) => parent < position)) return cycles;
  // 0: not seen; otherwise the number of the walk that saw the task first. A walk is lost when it ends in a cycle.
  const seenIn = new Int32Array(parents.length);
  const isLost = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start++) {
    const walk = start + 1;
    const chain: number[] = [];
    let at = start;
    while (at >= 0 && seenIn[at] === 0) {
      seenIn[at] = walk;
      chain.push(at);
      at = parents[at] as number;
    }
    if (at < 0) continue;
    const isNewCycle = seenIn[at] === walk;
    if (!isNewCycle && isLost[at] === 0) continue;
    for (const position of chain) isLost[position] = 1;
    if (isNewCycle) cycles.push(chain.slice(chain.indexOf(at)));
  }
  for (const cycle of cycles) {
    for (const position of cycle) parents[position] = -1;
    reportCycle(cycle, identities);
  }
  for (const position of parents.keys()) {
    if (isLost[position] === 0 || parents[position] === -1) continue;
    violate(
      siteOf(identities.site(position), 'parentId'),
      'tree/invalid-parent',
      'does not reach the root: a parent above it is on a cycle',
    );
  }
  return cycles;
}

/** Most tasks of a cycle that a violation shows. */
const SHOWN_MAX = 100;

function reportCycle(cycle: readonly number[], identities: Identities): void {
  const keys = cycle.map((position) => identities.keys[position] ?? '');
  const site = siteOf(identities.site(cycle[0] ?? 0), 'parentId');
  violate(site, 'tree/cycle', {
    what: `is on a cycle of parents: ${chain([...keys, keys[0] ?? ''], ' → ')}`,
    actual: keys.slice(0, SHOWN_MAX),
  });
}

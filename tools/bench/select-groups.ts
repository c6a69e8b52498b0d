/** The groups that a run of the benchmark measures. */
import type { Group } from './case.ts';
import { engineGroups } from './engine-groups.ts';
import type { BenchOptions } from './options.ts';
import { PEERS_GROUP } from './peers-group.ts';
import { SURFACE_GROUPS } from './surface-groups.ts';
import { THROUGHPUT_GROUPS } from './throughput-groups.ts';

/** Groups with the cases that are asked for; never empty. Throws for a name or part that fits nothing. */
export function selectGroups(
  options: Pick<BenchOptions, 'groups' | 'only' | 'isLarge' | 'hasPeers'>,
): readonly Group[] {
  const { groups: names, only, isLarge, hasPeers } = options;
  const all = [...THROUGHPUT_GROUPS, ...engineGroups(isLarge), ...SURFACE_GROUPS, ...(hasPeers ? [PEERS_GROUP] : [])];
  for (const name of names ?? []) {
    if (name !== 'all' && !all.some((group) => group.name === name)) {
      throw new Error(`No group "${name}"; there are ${all.map((group) => group.name).join(', ')}`);
    }
  }
  // Who asks for single cases need not say which groups they are in.
  const isWanted = ({ name, isOnRequest }: Group): boolean =>
    names === undefined
      ? hasPeers
        ? name === 'peers'
        : isOnRequest !== true || only !== undefined
      : names.includes('all') || names.includes(name) || (hasPeers && name === 'peers');
  const selected = all
    .filter(isWanted)
    .map((group) => ({ ...group, cases: withFloors(group, only) }))
    .filter((group) => group.cases.length > 0);
  if (selected.length === 0) throw new Error(`No case has "${only?.join('" or "')}" in its id; --list shows all`);
  return selected;
}

/** The cases whose ids hold one of the parts, and what they are compared with. */
function withFloors({ cases }: Group, only: readonly string[] | undefined): Group['cases'] {
  if (only === undefined) return cases;
  const wanted = cases.filter(({ id }) => only.some((part) => id.includes(part)));
  const floors = new Set(wanted.map(({ floor }) => floor?.caseId));
  return cases.filter((each) => wanted.includes(each) || floors.has(each.id));
}

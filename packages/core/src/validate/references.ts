/** What expressions call tasks that have a `ref`: not the same for two members of a group. Few trees have such a task. */
import { siteOf, violate, type Site } from './report.ts';

interface Named {
  readonly ref?: string | undefined;
}

/** The `ref` of the task at a position; undefined: no task has one. */
export function refsAmong(tasks: readonly Named[]): ((position: number) => string | undefined) | undefined {
  return tasks.some(({ ref }) => ref !== undefined) ? (position) => tasks[position]?.ref : undefined;
}

interface NamedTree {
  readonly tasks: readonly Named[];
  /** Position of each task's parent, -1: none. */
  readonly parents: ArrayLike<number>;
  readonly keys: readonly string[];
  readonly site: (position: number) => Site;
}

/** Reports members of one group that expressions call alike. */
export function checkRefs({ tasks, parents, keys, site }: NamedTree): void {
  const first = new Map<number, Map<string, number>>();
  const nameOf = (position: number): string => tasks[position]?.ref ?? keys[position] ?? '';
  for (let position = 0; position < tasks.length; position++) {
    const parent = parents[position] as number;
    const names = first.get(parent) ?? new Map<string, number>();
    first.set(parent, names);
    const name = nameOf(position);
    const before = names.get(name);
    if (before === undefined) names.set(name, position);
    else if (tasks[position]?.ref !== undefined || tasks[before]?.ref !== undefined)
      violate(siteOf(site(position), 'ref'), 'tree/invalid', {
        what: `is called '${name}' in expressions, as task ${before} of the same group is`,
        expected: 'a ref that is unique in its group',
        actual: name,
      });
  }
}

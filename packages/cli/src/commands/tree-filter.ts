/** The filter that options describe, as the methods take it. */
import type { Params } from '@coppice/protocol';
import { plain } from '../output/harmless.ts';
import { UsageError } from '../output/report-error.ts';
import type { FilterOptions } from '../program-filter.ts';

type TreeFilter = Params<'tasks.bulk'>['filter'];
/** What the options select by, the statuses left aside. */
type Selection = Omit<TreeFilter, 'status'>;

export async function selectionOf({ search, tag, user, olderThan }: FilterOptions): Promise<Selection> {
  return {
    ...(search === undefined ? {} : { search }),
    ...(tag === undefined ? {} : { tag }),
    ...(user === undefined ? {} : { userId: user }),
    ...(olderThan === undefined ? {} : { createdBefore: await timeBefore(olderThan) }),
  };
}

/** Undefined: no option of a filter was given. The server checks the statuses. */
export async function treeFilterOf(options: FilterOptions): Promise<TreeFilter | undefined> {
  const { status } = options;
  const filter: TreeFilter = {
    ...(await selectionOf(options)),
    ...(status === undefined ? {} : { status: status as NonNullable<TreeFilter['status']> }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

async function timeBefore(text: string): Promise<string> {
  // Loaded here: it brings the schemas along, which most commands do without.
  const { parseDuration } = await import('@coppice/definition');
  const atMs = Date.now() - (parseDuration(text) ?? Number.NaN);
  if (Number.isNaN(new Date(atMs).getTime())) {
    throw new UsageError(`--older-than: "${plain(text)}" is no duration. Write for example 30m, 12h or 7d.`);
  }
  return new Date(atMs).toISOString();
}

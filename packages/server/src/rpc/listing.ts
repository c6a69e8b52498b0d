/** Filters and pages of listings, for all methods that take them. */
import type { Page, TaskFilter, TaskListItem } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { ParsedParams } from '@coppice/protocol';
import { answer, refuse, shorten } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Principal } from './caller.ts';
import { listedUser } from './ownership.ts';

/** The filter as the store takes it: of a user without the role admin it selects own trees only. */
export function filterOf(principal: Principal, filter: ParsedParams<'tasks.count'>): Answer<TaskFilter> {
  const listed = listedUser(principal, filter.userId);
  if (!listed.ok) return listed;
  const { status, treeIds, search, tag, createdBefore, rootOnly } = filter;
  return answer({
    rootOnly,
    ...(status === undefined ? {} : { status: typeof status === 'string' ? [status] : status }),
    ...(listed.value === undefined ? {} : { userId: listed.value }),
    ...(treeIds === undefined ? {} : { treeIds }),
    ...(search === undefined ? {} : { search }),
    ...(tag === undefined ? {} : { tag }),
    ...(createdBefore === undefined ? {} : { createdBeforeMs: Date.parse(createdBefore) }),
  });
}

interface PageRequest {
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** One page, or the refusal of a cursor that no listing gave. */
export async function listPage(
  { index }: Engine,
  filter: TaskFilter,
  { limit, cursor }: PageRequest,
): Promise<Answer<Page<TaskListItem>>> {
  const page = await index
    .list(filter, cursor === undefined ? { limit } : { limit, cursor })
    .catch((error: unknown) => (isInvalidArgument(error) ? undefined : Promise.reject(error)));
  // Everything else of the request was checked; only what the store made itself can be wrong.
  return page === undefined ? refuseCursor(cursor ?? '') : answer(page);
}

function isInvalidArgument(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'storage/invalid-argument';
}

function refuseCursor(cursor: string): ReturnType<typeof refuse> {
  const reason = 'no listing gave this cursor; start again without one';
  return refuse('rpc/invalid-params', `The cursor can not be used: ${reason}.`, {
    errors: [{ path: ['cursor'], reason, expected: 'nextCursor of the page before', actual: shorten(cursor) }],
  });
}

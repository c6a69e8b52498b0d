/** Which trees of a list are shown. */
import type { TreeSummary } from '@coppice/client';

export interface TreeFilter {
  /** Part of the name, the id or a tag, in any case; `#nightly`: exactly this tag; empty: any. */
  readonly text: string;
  /** Empty: any. */
  readonly statuses: ReadonlySet<string>;
  /** Shows only trees of this user; undefined: of everyone. */
  readonly userId?: string | undefined;
}

/** Keeps the order of the list. */
export function treesMatching(
  trees: readonly TreeSummary[],
  { text, statuses, userId }: TreeFilter,
): readonly TreeSummary[] {
  const wanted = text.trim().toLowerCase();
  return trees.filter(
    (tree) =>
      (statuses.size === 0 || statuses.has(tree.status)) &&
      (userId === undefined || tree.userId === userId) &&
      isFound(tree, wanted),
  );
}

function isFound({ name, treeId, tags }: TreeSummary, wanted: string): boolean {
  if (wanted.startsWith('#')) return wanted === '#' || tags.some((tag) => tag.toLowerCase() === wanted.slice(1));
  return [name, treeId, ...tags].some((part) => part.toLowerCase().includes(wanted));
}

/** What a request for a whole tree would do, without doing it. */
import { previewCancel, previewRetry, type Outcome, type TreeId } from '@coppice/core';
import type { TreeAction } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { unlessQuarantined } from '../quarantine.ts';
import { previewDeletion } from './delete-tree.ts';
import { notFound } from './run-requests.ts';

/** The number of tasks that the action would change, or why it would be refused. */
export async function previewAction(parts: EngineParts, treeId: TreeId, action: TreeAction): Promise<Outcome<number>> {
  const preview =
    action.type === 'delete'
      ? previewDeletion(parts, treeId)
      : unlessQuarantined(() =>
          parts.loader.withRun(treeId, ({ state }) =>
            action.type === 'cancel' ? previewCancel(state) : previewRetry(state, action.mode),
          ),
        );
  return (await preview) ?? notFound(treeId);
}

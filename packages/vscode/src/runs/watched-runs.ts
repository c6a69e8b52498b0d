/** Runs that a person started here: their progress in a notification that can cancel them, and what went wrong at the end. */
import { isRunEnded, runPercent } from '@coppice/client';
import type { TreeSummary } from '@coppice/client';
import { oneLine } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { inNotification } from '../plain-text.ts';

/** Resolves with how the run ended; undefined when the connection went first. */
export async function watchRun(connection: Connection, treeId: string): Promise<TreeSummary | undefined> {
  const isShown = vscode.workspace.getConfiguration('coppice').get<boolean>('notifications') ?? true;
  if (!isShown) return untilEnded(connection, treeId, () => undefined);
  const name = inNotification(oneLine(connection.store.find(treeId)?.name ?? treeId));
  const options = { location: vscode.ProgressLocation.Notification, title: name, cancellable: true };
  const ended = await vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => {
      connection.client.tasks.cancel({ taskId: treeId, reason: 'cancelled in the editor' }).catch((error: unknown) => {
        connection.log.error(`cancel ${treeId}: ${String(error)}`);
      });
    });
    let shown = 0;
    return untilEnded(connection, treeId, ({ progress: run }) => {
      if (run === undefined) return;
      const percent = runPercent(run);
      const { running, failed } = run.counts;
      const parts = [
        vscode.l10n.t('{0} of {1}', endedCount(run.counts), run.total),
        vscode.l10n.t('{0} running', running),
      ];
      if (failed > 0) parts.push(vscode.l10n.t('{0} failed', failed));
      progress.report({ increment: percent - shown, message: parts.join(', ') });
      shown = percent;
    });
  });
  if (ended?.status === 'failed') void tellFailure(connection, ended);
  return ended;
}

function endedCount({
  completed = 0,
  failed = 0,
  skipped = 0,
  cancelled = 0,
}: Readonly<Partial<Record<string, number>>>): number {
  return completed + failed + skipped + cancelled;
}

async function tellFailure(connection: Connection, { treeId, name, problem }: TreeSummary): Promise<void> {
  const graph = vscode.l10n.t('Open Graph');
  const again = vscode.l10n.t('Retry What Failed');
  const text = vscode.l10n.t('{0} failed: {1}', oneLine(name), oneLine(problem ?? ''));
  const choice = await vscode.window.showErrorMessage(inNotification(text), graph, again);
  const node = { kind: 'tree', connection, treeId };
  if (choice === graph) await vscode.commands.executeCommand('coppice.openGraph', node);
  if (choice === again) await vscode.commands.executeCommand('coppice.retry', node);
}

/** `told` is called whenever the tree's summary changes. */
function untilEnded(
  connection: Connection,
  treeId: string,
  told: (summary: TreeSummary) => void,
): Promise<TreeSummary | undefined> {
  const { store } = connection;
  return new Promise((resolve) => {
    const look = (): void => {
      const summary = store.find(treeId);
      if (summary !== undefined) told(summary);
      const isGone = connection.freshness === 'failed' || connection.freshness === 'offline';
      if (!isGone && (summary === undefined || !isRunEnded(summary.status))) return;
      stopTrees();
      stopFreshness();
      resolve(summary);
    };
    const stopTrees = store.onTrees(look);
    const stopFreshness = store.onFreshness(look);
    look();
  });
}

/** Commands that show something. */
import { oneLine } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Topic } from '../documents/run-documents.ts';
import { taskIdOf } from '../explorer/nodes.ts';
import type { WorkNode } from '../explorer/nodes.ts';
import { selectTask } from '../language/definition-files.ts';
import { exportRun } from '../runs/run-file.ts';
import type { Command, Services } from './command-table.ts';
import { inNotification } from '../plain-text.ts';

export function showCommands({
  targets,
  panels,
  details,
  documents,
  logs,
  view,
  runs,
}: Services): Readonly<Record<string, Command>> {
  const about =
    (act: (node: WorkNode) => unknown): Command =>
    async (argument) => {
      const node = await targets.work(argument);
      return node === undefined ? undefined : act(node);
    };
  const topic = (name: Topic): Command => about((node) => documents.open(node, name));
  return {
    openGraph: about((node) => panels.open('graph', node, taskIdOf(node))),
    openTimeline: about((node) => panels.open('timeline', node, taskIdOf(node))),
    openDetails: about(async (node) => {
      await details.show({ connection: node.connection, treeId: node.treeId, taskId: taskIdOf(node) });
      await details.focus();
    }),
    openTask: topic('task'),
    openInput: topic('input'),
    openOutput: topic('output'),
    openError: topic('error'),
    openAttempts: topic('attempts'),
    openEvents: topic('events'),
    openLog: about((node) => logs.open(node)),
    compareAttempts: about((node) => documents.compareAttempts(node)),
    compare: about((node) => documents.compareWithOrigin(node)),
    explain: about(async (node) => {
      const { summary } = await node.connection.client.tasks.explain({ taskId: taskIdOf(node) });
      const details = vscode.l10n.t('Details');
      const choice = await vscode.window.showInformationMessage(inNotification(oneLine(summary)), details);
      if (choice === details) await documents.open(node, 'explain');
    }),
    copyId: about((node) => vscode.env.clipboard.writeText(taskIdOf(node))),
    reveal: about((node) => view.reveal(node.connection, node.treeId, { taskId: taskIdOf(node), isForced: true })),
    exportRun: about((node) => exportRun(node)),
    openDefinition: about(async (node) => {
      const uri = runs.fileOf(node.treeId);
      if (uri === undefined) throw new Error(vscode.l10n.t('It was not run from a file of this window.'));
      const hold = await node.connection.sessions.hold(node.treeId);
      const key = hold.log.view.tasks.get(taskIdOf(node))?.definition.key;
      hold.dispose();
      const editor = await vscode.window.showTextDocument(uri);
      if (key !== undefined) selectTask(editor, key);
    }),
  };
}

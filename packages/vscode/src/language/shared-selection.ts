/**
 * One selection everywhere: explorer, panels and the definition file of a run tell each other what a person selects. What one of them
 * selects because another did is not told again: by then the person may be somewhere else.
 */
import * as vscode from 'vscode';
import type { Services } from '../commands/command-table.ts';
import { taskIdOf } from '../explorer/nodes.ts';
import { isDefinition, selectTask, taskUnder } from './definition-files.ts';

export function shareSelection({ view, panels, details, runs }: Services): vscode.Disposable[] {
  let ownSelection: vscode.Selection | undefined;
  /** Moves the cursor of the file that a tree was run from, where that file can be seen; the focus stays where it is. */
  const showInFile = (treeId: string, taskId: string): void => {
    const uri = runs.fileOf(treeId);
    if (uri === undefined) return;
    const key = runs.find(uri)?.run.tasks.get(taskId)?.definition.key;
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
    if (editor !== undefined && key !== undefined) ownSelection = selectTask(editor, key) ?? ownSelection;
  };
  return [
    vscode.window.onDidChangeTextEditorSelection(({ textEditor: { document }, selections: [first] }) => {
      const last = isDefinition(document.uri) ? runs.find(document.uri) : undefined;
      if (last === undefined || first === undefined || ownSelection?.isEqual(first) === true) return;
      // From here on, the same place counts as one that a person chose.
      ownSelection = undefined;
      const outlined = taskUnder(document, first.active);
      const task = outlined === undefined ? undefined : runs.task(document.uri, outlined.key);
      if (task === undefined) return;
      void panels.select(last, task.id);
      void details.show({ connection: last.connection, treeId: last.treeId, taskId: task.id });
      void view.reveal(last.connection, last.treeId, { taskId: task.id });
    }),
    view.onDidSelect((node) => {
      const { connection, treeId } = node;
      void panels.select(node, taskIdOf(node));
      void details.show({ connection, treeId, taskId: taskIdOf(node) });
      showInFile(node.treeId, taskIdOf(node));
    }),
    details.onDidSelect(({ connection, treeId, taskId }) => {
      void view.reveal(connection, treeId, { taskId });
      showInFile(treeId, taskId);
    }),
    panels.onDidSelect(({ connection, treeId, taskId }) => {
      void details.show({ connection, treeId, taskId });
      void view.reveal(connection, treeId, { taskId });
      showInFile(treeId, taskId);
    }),
  ];
}

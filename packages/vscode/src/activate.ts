/** The composition root: makes every service once, and hands each what it needs. */
import * as vscode from 'vscode';
import { registerCommands } from './commands/command-table.ts';
import type { Services } from './commands/command-table.ts';
import { Targets } from './commands/target.ts';
import { Connections } from './connections/connections.ts';
import type { Environment } from './connections/environment.ts';
import { CopyDrafts } from './documents/copy-drafts.ts';
import { RunDocuments } from './documents/run-documents.ts';
import { StatusDecorations } from './explorer/decorations.ts';
import { ExplorerView } from './explorer/explorer-view.ts';
import { ExplorerFilter } from './explorer/filter.ts';
import { WaitsView } from './explorer/waits-view.ts';
import { DefinitionLanguage } from './language/definition-language.ts';
import { DefinitionProblems } from './language/definition-problems.ts';
import { DefinitionRuns } from './language/definition-runs.ts';
import { shareSelection } from './language/shared-selection.ts';
import { DetailsPanel } from './panels/details-panel.ts';
import { RunPanels } from './panels/run-panels.ts';
import { EditorTasks } from './runs/editor-tasks.ts';
import { LogTerminals } from './runs/log-terminals.ts';
import { registerModelTools } from './runs/model-tools.ts';
import { RunFileEditor } from './runs/run-file.ts';
import { TestResults } from './runs/test-results.ts';
import { StatusBar } from './status-bar.ts';

export async function activateWith(context: vscode.ExtensionContext, environment: Environment): Promise<void> {
  const extension = context.extensionUri;
  const canStart = environment.connectToWorkspace !== undefined;
  void vscode.commands.executeCommand('setContext', 'coppice.canStartServer', canStart);
  const connections = new Connections(context, environment);
  const filter = new ExplorerFilter();
  const view = new ExplorerView(connections, filter);
  const panels = new RunPanels(extension, connections);
  const details = new DetailsPanel(extension);
  const documents = new RunDocuments(connections);
  const drafts = new CopyDrafts();
  const logs = new LogTerminals();
  const runs = new DefinitionRuns();
  const problems = new DefinitionProblems(connections, runs);
  const targets = new Targets({ connections, view, panels });
  const services: Services = {
    connections,
    view,
    filter,
    panels,
    details,
    documents,
    drafts,
    logs,
    problems,
    runs,
    targets,
    extension,
  };
  context.subscriptions.push(
    // Services are disposed of before those that they use.
    ...registerCommands(services),
    ...registerModelTools(services),
    new EditorTasks(services),
    new TestResults(connections, runs),
    new DefinitionLanguage(connections, runs),
    new StatusBar(connections),
    new WaitsView(connections),
    vscode.window.registerFileDecorationProvider(new StatusDecorations()),
    vscode.window.registerCustomEditorProvider('coppice.runFile', new RunFileEditor(extension)),
    ...shareSelection(services),
    problems,
    drafts,
    documents,
    logs,
    details,
    panels,
    view,
    filter,
    runs,
    connections,
  );
  await connections.restore();
}

/** Finished runs in the Test Explorer: a result for every task, without a way to run them there. */
import type { RunView, TaskView } from '@coppice/client';
import { isRunEnded } from '@coppice/client';
import { oneLine, taskDurationMs } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { DefinitionRuns } from '../language/definition-runs.ts';
import { inLabel } from '../plain-text.ts';

/** Trees whose results are kept; the oldest go. */
const TREES_MAX = 20;

export class TestResults implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #runs: DefinitionRuns;
  readonly #controller = vscode.tests.createTestController('coppice', 'Coppice');
  readonly #listening: vscode.Disposable;
  readonly #watched = new Map<Connection, () => void>();
  /** Trees that were seen running here: only their results are news. */
  readonly #running = new Set<string>();

  constructor(connections: Connections, runs: DefinitionRuns) {
    this.#connections = connections;
    this.#runs = runs;
    this.#listening = connections.onDidChange(() => this.#watch());
    this.#watch();
  }

  dispose(): void {
    for (const stop of this.#watched.values()) stop();
    this.#listening.dispose();
    this.#controller.dispose();
  }

  #watch(): void {
    const present = new Set(this.#connections.all);
    for (const [connection, stop] of this.#watched) {
      if (present.has(connection)) continue;
      stop();
      this.#watched.delete(connection);
    }
    for (const connection of present) {
      if (this.#watched.has(connection)) continue;
      this.#watched.set(
        connection,
        connection.store.onTrees((change) => {
          if (change.kind === 'tree') this.#look(connection, change.treeId);
        }),
      );
    }
  }

  #look(connection: Connection, treeId: string): void {
    const status = connection.store.find(treeId)?.status;
    if (status === 'running') this.#running.add(treeId);
    if (status === undefined || !isRunEnded(status) || !this.#running.delete(treeId)) return;
    const isWanted = vscode.workspace.getConfiguration('coppice').get<boolean>('testExplorer') ?? true;
    if (isWanted) void this.#publish(connection, treeId);
  }

  async #publish(connection: Connection, treeId: string): Promise<void> {
    const hold = await connection.sessions.hold(treeId);
    await hold.log.catchUp();
    const run = hold.log.view;
    hold.dispose();
    const { root } = run;
    if (root === undefined) return;
    const top = this.#itemOf(root, treeId);
    this.#controller.items.add(top);
    const oldest = [...this.#controller.items].slice(0, -TREES_MAX);
    for (const [id] of oldest) this.#controller.items.delete(id);
    const results = this.#controller.createTestRun(
      new vscode.TestRunRequest([top]),
      inLabel(oneLine(root.definition.name)),
      false,
    );
    report(results, top, run);
    results.end();
  }

  #itemOf(task: TaskView, treeId: string): vscode.TestItem {
    const item = this.#controller.createTestItem(
      task.id,
      inLabel(oneLine(task.definition.name)),
      this.#runs.fileOf(treeId),
    );
    item.description = task.definition.executor ?? '';
    for (const child of task.children)
      if (!child.isDeleted && !child.isLeftOut) item.children.add(this.#itemOf(child, treeId));
    return item;
  }
}

function report(results: vscode.TestRun, item: vscode.TestItem, run: RunView): void {
  const task = run.tasks.get(item.id);
  if (task === undefined) return;
  const durationMs = taskDurationMs(task, run.atMs ?? 0);
  const problem = task.error?.message ?? task.reason?.message ?? '';
  switch (task.status) {
    case 'completed':
      results.passed(item, durationMs);
      break;
    case 'failed':
      results.failed(item, new vscode.TestMessage(problem), durationMs);
      break;
    default:
      results.skipped(item);
  }
  results.appendOutput(
    `${task.status.padEnd(10)} ${oneLine(task.definition.name)} ${oneLine(problem)}\r\n`,
    undefined,
    item,
  );
  for (const [, child] of item.children) report(results, child, run);
}

/** Definition files as tasks of the editor: `coppice: run`, with a terminal that shows what happens. */
import { isGroup, isRunEnded } from '@coppice/client';
import type { RunView } from '@coppice/client';
import type { JsonObject, RunEvent } from '@coppice/protocol';
import { errorText, oneLine, STATUS_SYMBOLS, taskDetail, taskProblem } from '@coppice/ui';
import * as vscode from 'vscode';
import type { SessionHold } from '../connections/session-hold.ts';
import type { Services } from '../commands/command-table.ts';
import { DEFINITION_GLOB } from '../language/definition-files.ts';
import { readDefinition, runDefinition, withInputs } from '../language/run-definition.ts';

const TYPE = 'coppice';
const FILES_MAX = 200;

interface RunTask extends vscode.TaskDefinition {
  readonly definition: string;
  readonly inputs?: JsonObject;
}

export class EditorTasks implements vscode.TaskProvider, vscode.Disposable {
  readonly #services: Services;
  readonly #registered: vscode.Disposable;

  constructor(services: Services) {
    this.#services = services;
    this.#registered = vscode.tasks.registerTaskProvider(TYPE, this);
  }

  async provideTasks(): Promise<vscode.Task[]> {
    if (vscode.workspace.getConfiguration('coppice').get<boolean>('tasks') === false) return [];
    const files = await vscode.workspace.findFiles(DEFINITION_GLOB, '**/node_modules/**', FILES_MAX);
    return files.map((uri) => this.#taskOf({ type: TYPE, definition: vscode.workspace.asRelativePath(uri, false) }));
  }

  resolveTask(task: vscode.Task): vscode.Task {
    return this.#taskOf(task.definition as RunTask, task.scope);
  }

  dispose(): void {
    this.#registered.dispose();
  }

  #taskOf(definition: RunTask, scope: vscode.Task['scope'] = vscode.TaskScope.Workspace): vscode.Task {
    const execution = new vscode.CustomExecution((resolved) =>
      Promise.resolve(new RunTerminal(resolved as RunTask, this.#services)),
    );
    const task = new vscode.Task(
      definition,
      scope ?? vscode.TaskScope.Workspace,
      `run ${definition.definition}`,
      TYPE,
      execution,
    );
    task.presentationOptions = { clear: true };
    return task;
  }
}

/** Runs a definition and writes a line for everything that happens. Closing it cancels the run. */
class RunTerminal implements vscode.Pseudoterminal {
  readonly #definition: RunTask;
  readonly #services: Services;
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidClose = this.#closed.event;
  #cancel: (() => void) | undefined;

  constructor(definition: RunTask, services: Services) {
    this.#definition = definition;
    this.#services = services;
  }

  open(): void {
    this.#run().then(
      (code) => this.#closed.fire(code),
      (error: unknown) => {
        this.#line(errorText(error));
        this.#closed.fire(1);
      },
    );
  }

  close(): void {
    this.#cancel?.();
  }

  async #run(): Promise<number> {
    const { targets, problems, runs } = this.#services;
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (folder === undefined) throw new Error(vscode.l10n.t('Open a folder first: the server keeps its trees there.'));
    const uri = vscode.Uri.joinPath(folder.uri, this.#definition.definition);
    const connection = await targets.server();
    if (connection === undefined) return 1;
    const definition = await readDefinition(uri, problems);
    const { inputs } = this.#definition;
    const given = await withInputs(
      inputs === undefined ? definition : { ...definition, params: { ...definition.params, inputs } },
    );
    if (given === undefined) return 1;
    const treeId = await runDefinition(uri, { connection, definition: given, runs });
    this.#cancel = () => void connection.client.tasks.cancel({ taskId: treeId, reason: 'the terminal was closed' });
    const hold = await connection.sessions.hold(treeId);
    try {
      return await this.#follow(hold);
    } finally {
      this.#cancel = undefined;
      hold.dispose();
    }
  }

  #follow({ log }: SessionHold): Promise<number> {
    return new Promise((resolve) => {
      const look = (events: readonly RunEvent[]): void => {
        for (const event of events) this.#tell(event, log.view);
        if (!isRunEnded(log.view.status)) return;
        stop();
        this.#line(`${STATUS_SYMBOLS[log.view.status]} ${log.view.status}`);
        resolve(log.view.status === 'completed' ? 0 : 1);
      };
      const stop = log.onEvents(look);
      look(log.events);
    });
  }

  #tell(event: RunEvent, run: RunView): void {
    const task = 'taskId' in event ? run.tasks.get(event.taskId) : undefined;
    const isTold = /^Task(Started|Completed|Failed|Skipped|Cancelled)$|^RetryScheduled$/.test(event.type);
    if (task === undefined || isGroup(task.definition) || !isTold) return;
    const problem = taskProblem(task);
    const rest = problem === undefined ? '' : ` · ${problem}`;
    this.#line(
      `${STATUS_SYMBOLS[task.status]} ${oneLine(task.definition.name)}  ${taskDetail(task, Date.now())}${rest}`,
    );
  }

  #line(text: string): void {
    this.#written.fire(`${text.replaceAll('\n', '\r\n')}\r\n`);
  }
}

/** Which run a definition file had last, so that its lines can tell what came of them. */
import { isEnded, isRunEnded } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { SessionHold } from '../connections/session-hold.ts';

interface LastRun {
  readonly connection: Connection;
  readonly hold: SessionHold;
  readonly stop: () => void;
}

const REFRESH_MS = 200;

export class DefinitionRuns implements vscode.Disposable {
  readonly #runs = new Map<string, LastRun>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  /** What is known of the last run of a file has changed. */
  readonly onDidChange = this.#changed.event;

  /** A run of a file has begun. */
  async started(uri: vscode.Uri, connection: Connection, treeId: string): Promise<void> {
    const key = uri.toString();
    this.#forget(key);
    const hold = await connection.sessions.hold(treeId);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopEvents = hold.log.onEvents(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#changed.fire(uri);
      }, REFRESH_MS);
    });
    const stop = (): void => {
      clearTimeout(timer);
      stopEvents();
      hold.dispose();
    };
    this.#runs.set(key, { connection, hold, stop });
    void vscode.commands.executeCommand('setContext', 'coppice.hasDefinitionRuns', true);
    this.#changed.fire(uri);
  }

  /** The tree that a file was last run as. */
  find(
    uri: vscode.Uri,
  ): { readonly connection: Connection; readonly treeId: string; readonly run: RunView } | undefined {
    const found = this.#runs.get(uri.toString());
    if (found === undefined) return undefined;
    return { connection: found.connection, treeId: found.hold.session.treeId, run: found.hold.log.view };
  }

  /** The file that a tree was run from. */
  fileOf(treeId: string): vscode.Uri | undefined {
    for (const [key, { hold }] of this.#runs) if (hold.session.treeId === treeId) return vscode.Uri.parse(key);
    return undefined;
  }

  /** A task of the last run, by its key in the file. */
  task(uri: vscode.Uri, key: string): TaskView | undefined {
    for (const task of this.find(uri)?.run.tasks.values() ?? []) if (task.definition.key === key) return task;
    return undefined;
  }

  dispose(): void {
    for (const key of this.#runs.keys()) this.#forget(key);
    this.#changed.dispose();
  }

  #forget(key: string): void {
    this.#runs.get(key)?.stop();
    this.#runs.delete(key);
  }
}

/** True: there is something to tell of it. */
export function hasOutcome(task: TaskView, run: RunView): boolean {
  return isEnded(task.status) || task.status === 'running' || (isRunEnded(run.status) && task.attempt > 0);
}

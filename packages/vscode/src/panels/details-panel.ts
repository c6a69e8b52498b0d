/**
 * The details of the selected task, in the side bar: one for all trees and panels. It follows what is selected in the explorer, in a
 * graph or timeline, and in the file of a definition.
 *
 * While it is hidden it holds nothing, and only remembers what is selected.
 */
import type { AttachedView, ViewMessage } from '@coppice/ui';
import * as vscode from 'vscode';
import type { SessionHold } from '../connections/session-hold.ts';
import { actOn } from './panel-actions.ts';
import { panelHtml } from './panel-html.ts';
import type { PanelSubject } from './run-panels.ts';

const VIEW_ID = 'coppice.details';

interface Selected extends PanelSubject {
  readonly taskId: string;
}

/** What is shown: a view of the session that is held. */
interface Shown extends PanelSubject {
  readonly hold: SessionHold;
  readonly view: AttachedView;
  readonly stop: () => void;
}

export class DetailsPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #disposables: vscode.Disposable[];
  readonly #selectedHere = new vscode.EventEmitter<Selected>();
  /** A person selected another task here. */
  readonly onDidSelect = this.#selectedHere.event;
  #webview: vscode.WebviewView | undefined;
  #isReady = false;
  #selected: Selected | undefined;
  #shown: Shown | undefined;

  constructor(extension: vscode.Uri) {
    this.#extension = extension;
    this.#disposables = [vscode.window.registerWebviewViewProvider(VIEW_ID, this), this.#selectedHere];
  }

  /** Shows a task from now on. Rejects when its run can not be read. */
  async show(selected: Selected): Promise<void> {
    this.#selected = selected;
    if (this.#webview?.visible === true && this.#isReady) await this.#follow(selected);
  }

  /** Opens the side bar where it is closed, and gives the details the focus. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
  }

  resolveWebviewView(webview: vscode.WebviewView): void {
    this.#webview = webview;
    this.#isReady = false;
    webview.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(this.#extension, 'dist', 'panel')],
    };
    webview.webview.onDidReceiveMessage((message: ViewMessage) => this.#receive(message));
    webview.onDidChangeVisibility(() => {
      // A view that is hidden has no document; it says anew when it is ready.
      this.#isReady = this.#isReady && webview.visible;
      if (!webview.visible) this.#letGo();
    });
    webview.onDidDispose(() => {
      this.#letGo();
      this.#webview = undefined;
    });
    webview.webview.html = panelHtml(webview.webview, this.#extension, 'details');
  }

  dispose(): void {
    this.#letGo();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #receive(message: ViewMessage): void {
    if (message.type === 'ready') {
      this.#isReady = true;
      this.#letGo();
      if (this.#selected !== undefined) {
        this.#follow(this.#selected).catch((error: unknown) => this.#selected?.connection.log.warn(String(error)));
      }
    } else if (message.type === 'act') {
      if (this.#shown !== undefined) void actOn(this.#shown, message);
    } else this.#shown?.view.receive(message);
  }

  async #follow({ connection, treeId, taskId }: Selected): Promise<void> {
    if (this.#shown?.connection !== connection || this.#shown.treeId !== treeId) {
      const hold = await connection.sessions.hold(treeId);
      const isWanted = this.#selected?.connection === connection && this.#selected.treeId === treeId;
      if (!isWanted || this.#webview === undefined || !this.#isReady) {
        hold.dispose();
        return;
      }
      this.#letGo();
      this.#shown = this.#attach(this.#webview.webview, { connection, treeId, hold });
    }
    this.#shown.hold.session.select(this.#selected?.taskId ?? taskId);
  }

  #attach(webview: vscode.Webview, held: PanelSubject & { readonly hold: SessionHold }): Shown {
    const { connection, treeId, hold } = held;
    const view = hold.session.attach({ post: (message) => void webview.postMessage(message) });
    const stop = hold.session.listen({
      selected: (taskId, { isByView }) => {
        if (taskId === undefined) return;
        this.#selected = { connection, treeId, taskId };
        if (isByView) this.#selectedHere.fire(this.#selected);
      },
    });
    view.receive({ type: 'ready' });
    return { ...held, view, stop };
  }

  #letGo(): void {
    this.#shown?.stop();
    this.#shown?.view.detach();
    this.#shown?.hold.dispose();
    this.#shown = undefined;
  }
}

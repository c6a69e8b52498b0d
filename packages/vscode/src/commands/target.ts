/** What a command is about: the row, node or file it was called on, else what is selected, else what a person picks. */
import { oneLine, STATUS_SYMBOLS } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { ExplorerView } from '../explorer/explorer-view.ts';
import { isWork } from '../explorer/nodes.ts';
import type { WorkNode } from '../explorer/nodes.ts';
import { isDefinition } from '../language/definition-files.ts';
import type { RunPanels } from '../panels/run-panels.ts';
import { inLabel } from '../plain-text.ts';
import { pickOne } from '../questions.ts';

export interface TargetOptions {
  readonly connections: Connections;
  readonly view: ExplorerView;
  readonly panels: RunPanels;
}

export class Targets {
  readonly #options: TargetOptions;

  constructor(options: TargetOptions) {
    this.#options = options;
  }

  /** The task or tree of a command; undefined: the person picked none. */
  async work(argument: unknown): Promise<WorkNode | undefined> {
    const { view, panels } = this.#options;
    if (isWork(argument)) return argument;
    const { taskId } = (argument ?? {}) as { readonly taskId?: unknown };
    const { active } = panels;
    if (typeof taskId === 'string' && active !== undefined)
      return view.explorer.node(active.connection, active.treeId, taskId);
    const [selected] = view.selection;
    if (isWork(selected)) return selected;
    return this.#pickTree();
  }

  /** Several, when several rows are selected and the command was called on one of them. */
  async works(argument: unknown): Promise<readonly WorkNode[]> {
    const selected = this.#options.view.selection.filter(isWork);
    if (isWork(argument) && selected.includes(argument)) return selected;
    const one = await this.work(argument);
    return one === undefined ? [] : [one];
  }

  /** A definition file: the given one, or that of the editor. */
  definition(argument: unknown): vscode.Uri {
    const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
    if (uri !== undefined && isDefinition(uri)) return uri;
    throw new Error(vscode.l10n.t('Open a definition file first: its name ends in .coppice.yaml or .coppice.json.'));
  }

  /** A server that can be asked: the only one, or the one a person picks; one is started if there is none. */
  async server(): Promise<Connection | undefined> {
    const { connections } = this.#options;
    const usable = connections.all.filter(({ freshness }) => freshness !== 'failed' && freshness !== 'offline');
    if (usable.length === 0) return connections.startWorkspaceServer();
    if (usable.length === 1) return usable[0];
    const items = usable.map((connection) => ({
      label: inLabel(connection.spec.label),
      description: connection.freshness,
      connection,
    }));
    return (await pickOne(items, { placeHolder: vscode.l10n.t('Which server?') }))?.connection;
  }

  async #pickTree(): Promise<WorkNode | undefined> {
    const { connections, view } = this.#options;
    const items = connections.all.flatMap((connection) =>
      connection.store.trees.map(({ treeId, name, status }) => ({
        label: inLabel(`${STATUS_SYMBOLS[status]} ${oneLine(name)}`),
        description: status,
        detail: inLabel(treeId),
        node: view.explorer.node(connection, treeId, treeId),
      })),
    );
    if (items.length === 0) throw new Error(vscode.l10n.t('There is no tree yet. Run a definition first.'));
    return (await pickOne(items, { placeHolder: vscode.l10n.t('Which tree?') }))?.node;
  }
}

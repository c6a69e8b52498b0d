/** Commands about servers. */
import * as vscode from 'vscode';
import { STATUSES } from '../explorer/filter.ts';
import type { ExplorerNode } from '../explorer/nodes.ts';
import type { Command, Services } from './command-table.ts';
import { askText, pickMany } from '../questions.ts';

export function connectionCommands({ connections, view, filter }: Services): Readonly<Record<string, Command>> {
  const connectionOf = (argument: unknown) => (argument as ExplorerNode | undefined)?.connection;
  return {
    startServer: () =>
      vscode.window.withProgress({ location: { viewId: 'coppice.trees' } }, async () => {
        const connection = await connections.startWorkspaceServer();
        await connection.client.system.health({}, { timeoutMs: 20_000 });
      }),
    connect: async () => {
      const url = await askText({
        title: vscode.l10n.t('Connect to a server (1/2)'),
        prompt: vscode.l10n.t('Its address, as “coppice serve” tells it'),
        value: 'http://127.0.0.1:7420',
        validateInput: (text) => (isAddress(text) ? undefined : vscode.l10n.t('An address such as http://host:7420')),
      });
      if (url === undefined) return;
      const token = await askText({
        title: vscode.l10n.t('Connect to a server (2/2)'),
        prompt: vscode.l10n.t('Its token, from the file “token” in its data directory. Empty: none is needed.'),
        password: true,
      });
      if (token === undefined) return;
      const connection = await connections.connect(url, token.trim() === '' ? undefined : token.trim());
      await vscode.window.withProgress({ location: { viewId: 'coppice.trees' } }, () =>
        connection.client.system.health({}, { timeoutMs: 20_000 }),
      );
    },
    disconnect: (argument) => connections.disconnect(connectionOf(argument)?.spec.id ?? ''),
    forgetServer: async (argument) => {
      const connection = connectionOf(argument);
      if (connection === undefined) return;
      const forget = vscode.l10n.t('Forget');
      const text = vscode.l10n.t('Forget {0} and its token?', connection.spec.label);
      if ((await vscode.window.showWarningMessage(text, { modal: true }, forget)) === forget)
        await connections.forget(connection.spec);
    },
    showLog: (argument) => (connectionOf(argument) ?? connections.all[0])?.log.show(),
    refresh: () => view.explorer.refresh(),
    loadMore: (argument) => connectionOf(argument)?.store.loadMore(),
    filterText: async () => {
      const text = await askText({
        prompt: vscode.l10n.t('Part of a name, an id or a tag'),
        value: filter.text,
      });
      if (text !== undefined) filter.set(text, filter.statuses);
    },
    filterStatus: async () => {
      const items = STATUSES.map((status) => ({ label: status, picked: filter.statuses.has(status) }));
      const chosen = await pickMany(items, {
        placeHolder: vscode.l10n.t('Show only trees in these statuses'),
      });
      if (chosen !== undefined) filter.set(filter.text, new Set(chosen.map(({ label }) => label)));
    },
    clearFilter: () => filter.set('', new Set()),
  };
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^(https?|wss?):$/.test(new URL(text).protocol);
}

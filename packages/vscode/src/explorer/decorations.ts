/** Colours of names and the small mark beside them, by status. */
import type { AnyStatus } from '@coppice/ui';
import * as vscode from 'vscode';

export const SCHEME = 'coppice-status';

const COLOURS: Readonly<Partial<Record<AnyStatus, string>>> = {
  running: 'coppice.running',
  waiting: 'coppice.waiting',
  failed: 'coppice.failed',
  skipped: 'coppice.skipped',
  cancelled: 'coppice.cancelled',
  pending: 'coppice.skipped',
};

/** The address under which a row is decorated: it changes with what is shown, so that the editor asks again. */
export function decorationUri(id: string, status: AnyStatus, percent?: number): vscode.Uri {
  const query = percent === undefined ? status : `${status}&${Math.min(99, percent)}`;
  return vscode.Uri.from({ scheme: SCHEME, path: `/${id}`, query });
}

export class StatusDecorations implements vscode.FileDecorationProvider {
  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== SCHEME) return undefined;
    const [status = '', percent] = uri.query.split('&');
    const colour = COLOURS[status as AnyStatus];
    return new vscode.FileDecoration(
      percent,
      percent === undefined ? undefined : vscode.l10n.t('{0} % done', percent),
      colour === undefined ? undefined : new vscode.ThemeColor(colour),
    );
  }
}

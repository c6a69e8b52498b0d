/** The document of a webview: scripts and a style sheet of our own, and nothing else may load or run. A webview makes its workers from text. */
import * as vscode from 'vscode';

/** Kinds of panels, and their script. */
export type PanelKind = 'graph' | 'timeline' | 'details';

export function panelHtml(webview: vscode.Webview, extension: vscode.Uri, kind: PanelKind): string {
  const at = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'panel', name)).toString();
  const look = vscode.workspace.getConfiguration('coppice.graph').get<string>('look') === 'tree' ? 'tree' : 'flow';
  const nonce = crypto.randomUUID().replaceAll('-', '');
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `connect-src ${webview.cspSource}`,
    'worker-src blob:',
  ].join('; ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Coppice ${kind}</title>
    <link rel="stylesheet" href="${at('panel.css')}" />
  </head>
  <body data-look="${look}">
    <script nonce="${nonce}" src="${at(`${kind}.js`)}"></script>
  </body>
</html>`;
}

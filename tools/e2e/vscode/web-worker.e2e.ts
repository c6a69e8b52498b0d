/** The extension in the editor's web worker: no Node, no processes, a server over a WebSocket. */
import { expect, it, onTestFailed } from 'vitest';
import { serveTests } from '../server.ts';
import { releaseTree } from '../trees.ts';
import { nodeOf, openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const { editor, page } = await openEditor({
  files: { 'nightly.coppice.yaml': DEFINITION },
  settings: { 'remote.extensionKind': { 'coppice.coppice-vscode': ['web'] } },
});
const server = await serveTests({ allowedOrigins: [new URL(page.url()).origin] });

it('connects from a browser, shows a run and its graph, and says that nothing can be started here', async () => {
  onTestFailed(() => console.error(editor.browser.problems.join('\n').slice(0, 6000)));
  await server.client.tasks.execute({ ...releaseTree(), reidentify: true, wait: true });
  await editor.showExplorer();
  const welcome = page.locator('.welcome-view-content');
  await welcome.locator('.monaco-button', { hasText: 'Connect to a Server' }).waitFor();
  expect(await welcome.getByText("Start the Workspace's Server").count()).toBe(0);
  await editor.connect(server.url, server.token);
  await editor
    .row(/release.*failed/)
    .first()
    .waitFor();
  const graph = await editor.openPanel(/release/, 'Open Graph', '.graph .node');
  await graph.locator(`.status-failed${nodeOf('deploy eu')}`).waitFor();
});

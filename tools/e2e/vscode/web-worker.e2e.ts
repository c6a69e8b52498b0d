/** The extension in the editor's web worker: no Node, no processes, a server over a WebSocket. */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { packageVscode } from '../../bundle/package-vscode.ts';
import { startEditor } from '../editor.ts';
import { takePicture } from '../pictures.ts';
import { startServer } from '../server.ts';
import { releaseTree } from '../trees.ts';
import { DEFINITION, makeWorkspace } from './workspace.ts';

it('connects from a browser, shows a run and its graph, and says that nothing can be started here', async () => {
  const workspace = await makeWorkspace({ 'nightly.coppice.yaml': DEFINITION });
  const vsix = await packageVscode(resolve(workspace.folder, '../coppice-test-5.vsix'));
  const editor = await startEditor({
    vsix,
    folder: workspace.folder,
    settings: { 'remote.extensionKind': { 'coppice.coppice-vscode': ['web'] } },
  });
  const { page } = editor;
  const server = await startServer({ allowedOrigins: [new URL(page.url()).origin] });
  try {
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
    await graph.locator('.node.status-failed:has(.node-name:text-is("deploy eu"))').waitFor();
  } catch (error) {
    console.error(editor.browser.problems.join('\n').slice(0, 6000));
    await takePicture(page, 'failed');
    throw error;
  } finally {
    await editor.close();
    await server.close();
    await workspace.remove();
  }
}, 180_000);

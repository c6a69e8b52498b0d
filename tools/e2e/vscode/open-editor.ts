/** What every file of editor tests begins with: the extension packed and installed, a workspace, and where it is asked for a server. */
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, onTestFailed } from 'vitest';
import { packageVscode } from '../../bundle/package-vscode.ts';
import { startEditor } from '../editor.ts';
import type { Editor, EditorOptions } from '../editor.ts';
import { takePicture } from '../pictures.ts';
import { makeWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export interface OpenEditor {
  readonly editor: Editor;
  readonly page: Page;
  readonly workspace: Workspace;
  /** Path of the packed extension. */
  readonly vsix: string;
}

export interface OpenEditorOptions extends Pick<EditorOptions, 'theme' | 'settings' | 'isTrusted'> {
  /** Files of the workspace: name and text. */
  readonly files: Readonly<Record<string, string>>;
}

/** Starts everything; it ends after the tests of the file, and a picture of each failed test is taken. */
export async function openEditor({ files, ...options }: OpenEditorOptions): Promise<OpenEditor> {
  const workspace = await makeWorkspace(files);
  try {
    const vsix = await packageVscode(`${workspace.folder}.vsix`);
    const editor = await startEditor({ vsix, folder: workspace.folder, ...options });
    const { page } = editor;
    beforeEach(() => {
      onTestFailed(() => takePicture(page, 'failed'));
    });
    afterAll(async () => {
      await editor.close();
      await workspace.remove();
    });
    return { editor, page, workspace, vsix };
  } catch (error) {
    await workspace.remove();
    throw error;
  }
}

/** The selector of a graph's node by its name. */
export function nodeOf(name: string): string {
  return `.node:has(.node-name:text-is("${name}"))`;
}

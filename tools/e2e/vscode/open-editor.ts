/** What every file of editor tests begins with: the extension in an editor, a workspace, and pictures of what fails. */
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, onTestFailed } from 'vitest';
import { bundleVscode } from '../../bundle/bundle-vscode.ts';
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
  /** Path of the packed extension, where it is packed. */
  readonly vsix: string;
}

export interface OpenEditorOptions extends Pick<EditorOptions, 'theme' | 'settings' | 'isTrusted'> {
  /** Files of the workspace: name and text. */
  readonly files: Readonly<Record<string, string>>;
  /** A script for `Editor.runInEditor`: the extension is built for it. Absent: the extension is packed and installed, as a user has it. */
  readonly script?: string;
}

/** Starts everything; it ends after the tests of the file, and a picture of each failed test is taken. */
export async function openEditor({ files, script, ...options }: OpenEditorOptions): Promise<OpenEditor> {
  const workspace = await makeWorkspace(files);
  const vsix = `${workspace.folder}.vsix`;
  try {
    const extension = script === undefined ? { vsix: await packageVscode(vsix) } : { inEditor: await built(script) };
    const editor = await startEditor({ ...extension, folder: workspace.folder, ...options });
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

async function built(script: string): Promise<EditorOptions['inEditor'] & object> {
  await bundleVscode();
  return { extension: resolve(import.meta.dirname, '../../../packages/vscode'), script };
}

/** The selector of a graph's node by its name. */
export function nodeOf(name: string): string {
  return `.node:has(.node-name:text-is("${name}"))`;
}

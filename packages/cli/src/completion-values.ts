/** What can stand where a command takes a task, a tree, a definition or a task of one: asked for on every press of the tab key, so never more than a glance. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readDefinition } from '@coppice/definition';
import { readDefinitionText } from './commands/read-text.ts';
import { usedFilesOf } from './commands/read-used-files.ts';
import { oneLine } from './live/task-text.ts';
import { LATEST, readTree, resolveTree } from './session/reference.ts';
import { openSession } from './session/session.ts';
import { loadSettings } from './session/settings.ts';
import type { GlobalOptions } from './session/settings.ts';

export interface Suggestion {
  readonly value: string;
  readonly description: string;
}

/** Newest trees that are suggested. */
const TREES_MAX = 20;
/** Tasks of one tree. */
const TASKS_MAX = 200;

/** References that begin as `word` does. Empty when there is nothing to ask. */
export async function referencesFor(word: string, options: GlobalOptions): Promise<readonly Suggestion[]> {
  const session = await openSession(await loadSettings(options), { access: 'read', note: () => undefined });
  const { client } = session;
  try {
    const slash = word.indexOf('/');
    if (slash === -1) {
      const { items } = await client.tasks.list({ limit: TREES_MAX });
      const trees = items.map(({ id, name, runStatus }) => ({
        value: id,
        description: `${oneLine(name)}, ${runStatus}`,
      }));
      const latest = trees[0] === undefined ? [] : [{ value: LATEST, description: trees[0].description }];
      // A name with a space would be several words to the shell.
      const names = [...new Set(items.map(({ name }) => name))].filter((name) => /^[\w.-]+$/.test(name));
      return [...latest, ...names.map((value) => ({ value, description: 'the newest of this name' })), ...trees];
    }
    const head = word.slice(0, slash);
    const treeId = await resolveTree(head, { client, isChange: false, note: () => undefined });
    const tasks = (await readTree(client, treeId)).slice(1, TASKS_MAX + 1);
    return tasks.map(({ key, name }) => ({ value: `${head}/${key}`, description: name === key ? '' : oneLine(name) }));
  } finally {
    await session.close();
  }
}

/** Folders and definitions that begin as `word` does. */
export async function filesFor(word: string): Promise<readonly Suggestion[]> {
  const folder = word.endsWith('/') ? word : dirname(word);
  const prefix = word.endsWith('/') ? word : word.slice(0, word.length - basename(word).length);
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true });
  return entries
    .filter((entry) => (entry.isDirectory() ? !entry.name.startsWith('.') : /\.(ya?ml|json)$/.test(entry.name)))
    .map((entry) => ({ value: `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`, description: '' }));
}

/** Tasks of a definition file. */
export async function tasksIn(file: string): Promise<readonly Suggestion[]> {
  const parsed = await readDefinition(await readDefinitionText(file), basename(file), usedFilesOf(file, {}));
  const tasks = (parsed.ok ? parsed.definition : parsed.rest)?.params.tasks ?? [];
  return tasks.slice(1, TASKS_MAX + 1).map(({ id, name }) => ({
    value: id ?? name ?? '',
    description: name === undefined || name === id ? '' : oneLine(name),
  }));
}

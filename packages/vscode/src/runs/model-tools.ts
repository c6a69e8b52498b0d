/** What language models may use: the same doings as the commands; what runs or changes something asks a person first. */
import type { JsonObject } from '@coppice/protocol';
import { discardDraft, draftCopy, draftText, editDraft, errorText, oneLine, runDraft } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Services } from '../commands/command-table.ts';
import { requireTrust } from '../commands/definition-commands.ts';
import type { Connection } from '../connections/connection.ts';
import { readDefinition, runDefinition } from '../language/run-definition.ts';
import { watchRun } from './watched-runs.ts';

const TREES_MAX = 50;

export function registerModelTools(services: Services): vscode.Disposable[] {
  return [listTool(services), explainTool(services), runTool(services), copyTool(services)];
}

function listTool({ connections }: Services): vscode.Disposable {
  return register<{ status?: string; search?: string }>('coppice_list_trees', undefined, ({ status, search = '' }) => {
    const trees = connections.all.flatMap(({ spec, store }) =>
      store.trees
        .filter((tree) => status === undefined || tree.status === status)
        .filter((tree) => tree.name.toLowerCase().includes(search.toLowerCase()))
        .map(({ treeId, name, status: now, problem }) => ({ treeId, name, status: now, problem, server: spec.label })),
    );
    return Promise.resolve({ trees: trees.slice(0, TREES_MAX), count: trees.length });
  });
}

function explainTool(services: Services): vscode.Disposable {
  return register<{ taskId: string }>('coppice_explain', undefined, async ({ taskId }) => {
    const { agent: client } = await ownerOf(services, taskId);
    const [task, explanation, attempts] = await Promise.all([
      client.tasks.get({ taskId }),
      client.tasks.explain({ taskId }),
      client.tasks.attempts({ taskId }),
    ]);
    const { name, status, inputs, output, error, reason } = task;
    const { summary, blockedBy } = explanation;
    return { name, status, explanation: summary, blockedBy, inputs, output, error, reason, attempts: attempts.items };
  });
}

function runTool(services: Services): vscode.Disposable {
  const { problems, runs, targets } = services;
  return register<{ definition?: string; treeId?: string }>(
    'coppice_run',
    ({ definition, treeId }) => vscode.l10n.t('Run {0}?', oneLine(definition ?? treeId ?? '')),
    async ({ definition, treeId }) => {
      requireTrust();
      if (treeId !== undefined) {
        const connection = await ownerOf(services, treeId);
        await connection.agent.tasks.execute({ taskId: treeId });
        return outcome(connection, treeId);
      }
      const folder = vscode.workspace.workspaceFolders?.[0];
      const connection = await targets.server();
      if (folder === undefined || connection === undefined || definition === undefined) {
        throw new Error(vscode.l10n.t('Name a definition file of the workspace.'));
      }
      const uri = vscode.Uri.joinPath(folder.uri, definition);
      const read = await readDefinition(uri, problems);
      return outcome(
        connection,
        await runDefinition(uri, { connection, definition: read, runs, client: connection.agent }),
      );
    },
  );
}

function copyTool(services: Services): vscode.Disposable {
  return register<{ taskId: string; inputs?: JsonObject }>(
    'coppice_copy',
    ({ taskId }) => vscode.l10n.t('Run task {0} and what depends on it again, as a copy?', taskId),
    async ({ taskId, inputs }) => {
      requireTrust();
      const connection = await ownerOf(services, taskId);
      const draft = await draftCopy(connection.agent, taskId);
      try {
        const task = draft.tasks.find(({ originalTaskId }) => originalTaskId === taskId);
        if (inputs !== undefined && task !== undefined) await editDraft(connection.agent, task.id, inputs);
        await runDraft(connection.agent, draft);
      } catch (error) {
        await discardDraft(connection.agent, draft);
        throw error;
      }
      return { copy: draftText(draft), ...(await outcome(connection, draft.treeId)) };
    },
  );
}

/** `question`: what a person is asked before it is done; undefined: it only reads. */
function register<Input>(
  name: string,
  question: ((input: Input) => string) | undefined,
  act: (input: Input) => Promise<unknown>,
): vscode.Disposable {
  return vscode.lm.registerTool<Input>(name, {
    prepareInvocation: ({ input }) =>
      question === undefined ? {} : { confirmationMessages: { title: 'Coppice', message: question(input) } },
    invoke: async ({ input }) => {
      const answer = await act(input).catch((error: unknown) => ({ problem: errorText(error) }));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(answer, null, 1))]);
    },
  });
}

/** Finds the server that has a task. */
async function ownerOf({ connections }: Services, taskId: string): Promise<Connection> {
  for (const connection of connections.all) {
    const isThere = await connection.agent.tasks.get({ taskId }).then(
      () => true,
      () => false,
    );
    if (isThere) return connection;
  }
  throw new Error(vscode.l10n.t('No connected server has a task {0}.', taskId));
}

async function outcome(connection: Connection, treeId: string): Promise<JsonObject> {
  const ended = await watchRun(connection, treeId);
  return { treeId, status: ended?.status ?? 'unknown', problem: ended?.problem ?? null };
}

/** Commands that change something: run, pause, cancel, retry, copy, delete. */
import type { TreeSummary } from '@coppice/client';
import type { BulkAction } from '@coppice/protocol';
import { oneLine, refusedForInputs } from '@coppice/ui';
import * as vscode from 'vscode';
import { taskIdOf } from '../explorer/nodes.ts';
import type { WorkNode } from '../explorer/nodes.ts';
import { watchRun } from '../runs/watched-runs.ts';
import { askInputs } from './ask-inputs.ts';
import { askOutput } from './ask-output.ts';
import type { Command, Services } from './command-table.ts';
import { confirmDelete } from './confirm-delete.ts';
import { requireTrust } from './definition-commands.ts';
import { actOnMany, manyTrees } from './many-trees.ts';

export function workCommands({ targets, drafts }: Services): Readonly<Record<string, Command>> {
  const each =
    (act: (node: WorkNode) => Promise<unknown>): Command =>
    async (argument) => {
      for (const node of await targets.works(argument)) await act(node);
    };
  /** Several trees are one action, whose effect is shown first. */
  const eachOrMany =
    (action: BulkAction, act: (nodes: readonly WorkNode[]) => Promise<void>): Command =>
    async (argument) => {
      const nodes = await targets.works(argument);
      const many = manyTrees(nodes);
      await (many === undefined ? act(nodes) : actOnMany({ ...many, action, target: many }));
    };
  const execute = trusted(
    each(async (node) => {
      if (await executeNode(node)) void watchRun(node.connection, node.treeId);
    }),
  );
  const retry = (mode: 'failure' | 'task'): Command =>
    trusted(
      eachOrMany('retry', async (nodes) => {
        for (const node of nodes) {
          await node.connection.client.tasks.retry({ taskId: taskIdOf(node), mode });
          void watchRun(node.connection, node.treeId);
        }
      }),
    );
  return {
    execute,
    executePart: execute,
    retry: retry('failure'),
    retryTask: retry('task'),
    cancel: eachOrMany('cancel', async (nodes) => {
      for (const node of nodes)
        await node.connection.client.tasks.cancel({ taskId: taskIdOf(node), reason: 'cancelled in the editor' });
    }),
    pause: each((node) => node.connection.client.tasks.pause({ taskId: taskIdOf(node) })),
    resume: trusted(each((node) => node.connection.client.tasks.resume({ taskId: taskIdOf(node) }))),
    complete: trusted(async (argument) => {
      const node = await targets.work(argument);
      if (node === undefined) return;
      const output = await askOutput();
      if (output !== undefined)
        await node.connection.client.tasks.complete({ taskId: taskIdOf(node), output: output.value });
    }),
    skip: trusted(
      each((node) => node.connection.client.tasks.skip({ taskId: taskIdOf(node), reason: 'skipped in the editor' })),
    ),
    copy: trusted(async (argument) => {
      const node = await targets.work(argument);
      if (node !== undefined) await drafts.start(node.connection, taskIdOf(node));
    }),
    runCopy: trusted((argument) => drafts.run(draftOf(argument))),
    discardCopy: (argument) => drafts.discard(draftOf(argument)),
    delete: eachOrMany('delete', async (nodes) => {
      if (nodes.length === 0 || !(await isSure(nodes))) return;
      for (const node of nodes) await node.connection.client.tasks.delete({ taskId: taskIdOf(node) });
    }),
  };
}

/** Asks for inputs that the tree requires and does not have. False: the question was closed. */
async function executeNode(node: WorkNode): Promise<boolean> {
  const { client } = node.connection;
  const taskId = taskIdOf(node);
  try {
    await client.tasks.execute({ taskId });
  } catch (error) {
    const values = await refusedForInputs(client, taskId, error);
    if (values === undefined) throw error;
    const inputs = await askInputs(values);
    if (inputs === undefined) return false;
    await client.tasks.execute({ taskId, inputs });
  }
  return true;
}

function trusted(command: Command): Command {
  return (argument) => {
    requireTrust();
    return command(argument);
  };
}

function draftOf(argument: unknown): vscode.Uri | WorkNode {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  const { treeId } = (argument ?? {}) as Partial<WorkNode>;
  if (treeId !== undefined) return argument as WorkNode;
  if (uri !== undefined) return uri;
  throw new Error(vscode.l10n.t('Choose a copy first.'));
}

function isSure(nodes: readonly WorkNode[]): Promise<boolean> {
  const names = nodes.map(({ connection, treeId }): TreeSummary | undefined => connection.store.find(treeId));
  const [first] = names;
  return confirmDelete(
    nodes.length === 1
      ? vscode.l10n.t('Delete “{0}” with all its results?', oneLine(first?.name ?? ''))
      : vscode.l10n.t('Delete {0} trees or tasks with all their results?', nodes.length),
  );
}

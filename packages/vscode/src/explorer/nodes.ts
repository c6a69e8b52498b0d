/** Rows of the explorer. Each thing has one node for as long as it is known, so that the editor can be told which has changed. */
import type { RunView, TaskView, TreeSummary } from '@coppice/client';
import { findPaused, isEnded, isGroup, isRunEnded, isRunUnderWay } from '@coppice/client';
import type { Connection } from '../connections/connection.ts';

export interface ConnectionNode {
  readonly kind: 'connection';
  readonly connection: Connection;
}

export interface TreeNode {
  readonly kind: 'tree';
  readonly connection: Connection;
  readonly treeId: string;
}

export interface TaskNode {
  readonly kind: 'task';
  readonly connection: Connection;
  readonly treeId: string;
  readonly taskId: string;
}

export interface MoreNode {
  readonly kind: 'more';
  readonly connection: Connection;
}

export type ExplorerNode = ConnectionNode | TreeNode | TaskNode | MoreNode;

/** A node that stands for a task; that of a tree stands for its root. */
export type WorkNode = TreeNode | TaskNode;

export function taskIdOf(node: WorkNode): string {
  return node.kind === 'tree' ? node.treeId : node.taskId;
}

export function isWork(node: unknown): node is WorkNode {
  const kind = (node as ExplorerNode | undefined)?.kind;
  return kind === 'tree' || kind === 'task';
}

/** What can be done at a tree, as words that menus look for. Only what the server has methods for. */
export function treeCapabilities({ connection }: TreeNode, summary: TreeSummary): readonly string[] {
  const { status } = summary;
  const words = ['tree', status];
  const add = (word: string, method: string, isPossible: boolean): void => {
    if (isPossible && connection.offers(method)) words.push(word);
  };
  const isDraft = status === 'created' && summary.originalTaskId !== undefined;
  add('executable', 'tasks.execute', status === 'created');
  add('draft', 'tasks.execute', isDraft);
  add('cancellable', 'tasks.cancel', isRunUnderWay(status));
  add('pausable', 'tasks.pause', status === 'running');
  add('resumable', 'tasks.resume', status === 'pausing' || status === 'paused');
  add('retryable', 'tasks.retry', status === 'failed' || status === 'cancelled');
  add('copyable', 'tasks.copy', true);
  add('deletable', 'tasks.delete', status === 'created' || isRunEnded(status));
  if (summary.originalTaskId !== undefined) words.push('copied');
  if (summary.problem !== undefined) words.push('hasError');
  if (status === 'completed') words.push('hasOutput');
  return words;
}

/** What can be done at a task. */
export function taskCapabilities({ connection }: TaskNode, task: TaskView, run: RunView): readonly string[] {
  const words = ['task', task.status, isGroup(task.definition) ? 'group' : 'work'];
  const add = (word: string, method: string, isPossible: boolean): void => {
    if (isPossible && connection.offers(method)) words.push(word);
  };
  const hasEnded = isEnded(task.status);
  add('partExecutable', 'tasks.execute', run.status === 'created');
  add('cancellable', 'tasks.cancel', !hasEnded && isRunUnderWay(run.status));
  add('pausable', 'tasks.pause', !hasEnded && isRunUnderWay(run.status) && findPaused(task) === undefined);
  add('resumable', 'tasks.resume', task.pause !== undefined);
  const isOwnEnd = !hasEnded && isRunUnderWay(run.status) && task.parent !== undefined && !task.isLeftOut;
  add('completable', 'tasks.complete', isOwnEnd && task.definition.approval === undefined);
  add('skippable', 'tasks.skip', isOwnEnd);
  add('taskRetryable', 'tasks.retry', hasEnded && isRunEnded(run.status));
  add('copyable', 'tasks.copy', true);
  add('deletable', 'tasks.delete', run.status === 'created');
  add('waits', 'tasks.explain', !hasEnded && task.status !== 'running');
  add('hasAttempts', 'tasks.attempts', task.attempt > 0);
  add('hasRetries', 'tasks.attempts', task.attempt > 1);
  if (task.output !== undefined && task.output !== null) words.push('hasOutput');
  if (task.error !== undefined) words.push('hasError');
  return words;
}

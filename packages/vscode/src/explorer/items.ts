/** How rows of the explorer look and read. */
import { durationText, isGroup, membersText, percentOf, roleWords, runPercent, stillOf, workOf } from '@coppice/client';
import type { Freshness, RunView, TaskView, TreeSummary } from '@coppice/client';
import type { AnyStatus } from '@coppice/ui';
import { shownStatus, oneLine, spokenTask, taskDetail, taskProblem } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { decorationUri } from './decorations.ts';
import { taskCapabilities, treeCapabilities } from './nodes.ts';
import type { ConnectionNode, MoreNode, TaskNode, TreeNode } from './nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

const ICONS: Readonly<Record<AnyStatus, readonly [icon: string, colour: string | undefined]>> = {
  created: ['circle-outline', undefined],
  pending: ['circle-outline', 'coppice.skipped'],
  ready: ['circle-large-outline', undefined],
  running: ['sync~spin', 'coppice.running'],
  waiting: ['watch', 'coppice.waiting'],
  completed: ['pass', 'coppice.completed'],
  failed: ['error', 'coppice.failed'],
  skipped: ['debug-step-over', 'coppice.skipped'],
  cancelled: ['circle-slash', 'coppice.cancelled'],
  pausing: ['debug-pause', 'coppice.waiting'],
  paused: ['debug-pause', 'coppice.waiting'],
  continued: ['arrow-right', 'coppice.completed'],
};

/** The icon of a status. */
export function statusIcon(status: AnyStatus): vscode.ThemeIcon {
  const [icon, colour] = ICONS[status];
  return new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
}

const CONNECTION_ICONS: Readonly<Record<Freshness, string>> = {
  live: 'vm-running',
  stale: 'vm-connect',
  connecting: 'vm-connect',
  reconnecting: 'vm-connect',
  offline: 'vm-outline',
  failed: 'warning',
};

export function connectionItem({ connection }: ConnectionNode): vscode.TreeItem {
  const { spec, freshness, problem } = connection;
  const item = new vscode.TreeItem(spec.label, Expanded);
  item.id = `connection:${spec.id}`;
  item.description = freshness === 'live' ? (spec.url ?? '') : freshness;
  item.iconPath = new vscode.ThemeIcon(CONNECTION_ICONS[freshness]);
  item.tooltip = [spec.url ?? vscode.l10n.t("The workspace's server"), freshness, problem ?? ''].join('\n').trim();
  const words = ['connection', freshness, ...(freshness === 'failed' ? [] : ['connected'])];
  if (spec.url !== undefined) words.push('remembered');
  item.contextValue = words.join(' ');
  item.accessibilityInformation = { label: `${spec.label}, ${freshness}`, role: 'treeitem' };
  return item;
}

export function treeItem(node: TreeNode, summary: TreeSummary): vscode.TreeItem {
  const { name, status, progress } = summary;
  const item = new vscode.TreeItem(oneLine(name), Collapsed);
  item.id = itemId(node.connection, node.treeId);
  item.description = treeDetail(summary);
  item.iconPath = statusIcon(status);
  const percent = status === 'running' && progress !== undefined ? runPercent(progress) : undefined;
  item.resourceUri = decorationUri(node.treeId, status, percent);
  item.contextValue = treeCapabilities(node, summary).join(' ');
  item.accessibilityInformation = { label: `${oneLine(name)}, ${item.description}`, role: 'treeitem' };
  item.tooltip = [oneLine(name), item.description, summary.problem ?? '', node.treeId]
    .filter((line) => line !== '')
    .join('\n');
  return item;
}

/** `completed · 3.2s · copy · nightly`. */
function treeDetail({ status, startedAtMs, endedAtMs, originalTaskId, tags }: TreeSummary): string {
  const parts: string[] = [status];
  if (startedAtMs !== undefined && endedAtMs !== undefined) parts.push(durationText(endedAtMs - startedAtMs));
  if (originalTaskId !== undefined) parts.push(vscode.l10n.t('copy'));
  return [...parts, ...tags.map((tag) => `#${tag}`)].join(' · ');
}

export function taskItem(node: TaskNode, task: TaskView, run: RunView): vscode.TreeItem {
  const { definition, children, status } = task;
  const hasMembers = children.some(({ isDeleted }) => !isDeleted);
  // Copies of one task are one row with counts, until a person opens it.
  const isOpen = definition.multiplier === undefined && (task.inside.failed > 0 || task.inside.running > 0);
  const item = new vscode.TreeItem(oneLine(definition.name), hasMembers ? (isOpen ? Expanded : Collapsed) : None);
  item.id = itemId(node.connection, task.id);
  item.description = rowDetail(task);
  item.iconPath = statusIcon(shownStatus(task));
  item.resourceUri = decorationUri(task.id, task.isLeftOut ? 'pending' : status);
  item.contextValue = taskCapabilities(node, task, run).join(' ');
  item.accessibilityInformation = { label: spokenTask(task, Date.now()), role: 'treeitem' };
  return item;
}

/** What stands beside a name. */
export function rowDetail(task: TaskView): string {
  if (task.inside.total > 0) return groupDetail(task, membersText(task));
  const now = Date.now();
  // A native row does not tick: of what runs it says how often it was tried, not for how long.
  const detail = task.status === 'running' ? runningDetail(task) : taskDetail(task, now);
  const problem = taskProblem(task);
  return problem === undefined ? detail : `${detail} · ${problem}`;
}

/**
 * When a row has to be drawn again. A group, with all rows of its members, is drawn for each percent at most, not for each end in it: that
 * would be a thousand times for a thousand members.
 */
export function rowLook(task: TaskView): string {
  return task.inside.total > 0
    ? groupDetail(task, `${percentOf(task.inside)} ${task.inside.failed > 0}`)
    : rowDetail(task);
}

/** `running · 4/10 (40 %) · paused`. */
function groupDetail(task: TaskView, members: string): string {
  const { status, startedAtMs, endedAtMs } = task;
  const still = stillOf(task);
  const took = startedAtMs !== undefined && endedAtMs !== undefined ? [durationText(endedAtMs - startedAtMs)] : [];
  const problem = isGroup(task.definition) ? undefined : taskProblem(task);
  const more = [...took, ...[still?.reason, problem].flatMap((text) => (text === undefined ? [] : [oneLine(text)]))];
  return [still?.word ?? status, ...roleWords(task), members, ...more].join(' · ');
}

function runningDetail(task: TaskView): string {
  const { attempt, progress, message } = task;
  const parts = ['running', ...roleWords(task)];
  if (attempt > 1) parts.push(`attempt ${attempt}`);
  if (progress !== undefined && progress > 0) parts.push(`${Math.floor(progress * 100)} %`);
  if (message !== undefined) parts.push(oneLine(message));
  return parts.join(' · ');
}

export function moreItem({ connection }: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Older trees …'), None);
  item.id = `more:${connection.spec.id}`;
  item.command = { command: 'coppice.loadMore', title: '', arguments: [{ kind: 'more', connection }] };
  return item;
}

function itemId(connection: Connection, taskId: string): string {
  return `${connection.spec.id}/${taskId}`;
}

/** Shown when the mouse rests on a task. */
export function taskTooltip(task: TaskView): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.appendText(`${task.definition.name}\n`);
  text.appendText(`${taskDetail(task, Date.now())} · ${workOf(task.definition)}\n`);
  const problem = taskProblem(task);
  if (problem !== undefined) text.appendText(`${problem}\n`);
  text.appendText(task.id);
  return text;
}

/** The picture of a run: its tree, and a line of totals below. Text in, text out; knows no terminal but its size. */
import colors from 'picocolors';
import { pad } from '../output/table.ts';
import { paintAs, spinnerAt, statusText, symbolOf } from '../output/theme.ts';
import { failureBlocks } from './failures.ts';
import {
  cutText,
  durationText,
  isEnded,
  isGroup,
  leftText,
  percentOf,
  reasonText,
  runDurationMs,
  runTally,
  resultLines,
  compensationText,
  toleratedText,
  unreadText,
  unhandledFailures,
} from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import { oneLine, taskDetail, taskDuration } from './task-text.ts';
import { treeRows } from './tree-rows.ts';
import type { Branch, TreeRow } from './tree-rows.ts';
import { cutTo, hanging, widthOf } from '../output/text-width.ts';

export interface Frame {
  readonly nowMs: number;
  /** The text below the totals. */
  readonly notice?: string | undefined;
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
}

const LABEL_WIDTH_MAX = 48;
const DURATION_WIDTH = 6;
const BAR_WIDTH_MAX = 30;
/** Levels of indentation that are drawn; deeper ones are only hinted at. */
const BRANCH_DEPTH_MAX = 12;

/** The lines of a frame, none wider than the terminal and together not higher. */
export function renderFrame(view: RunView, frame: Frame): readonly string[] {
  if (view.root === undefined) return [];
  const below = ['', totalsLine(view, frame)];
  if (frame.notice !== undefined) below.push(fit(colors.yellow(frame.notice), frame.columns));
  // The cursor needs one more line.
  return [...renderTree(view.root, frame, Math.max(1, frame.rows - below.length - 1)), ...below];
}

/** The tree alone, on at most `limit` lines. */
export function renderTree(root: TaskView, frame: Frame, limit: number): readonly string[] {
  const all = treeRows(root, limit);
  const { rows, more } = all.more > 0 ? treeRows(root, Math.max(1, limit - 1)) : all;
  const labels = rows.map((row) => labelOf(row, frame.nowMs));
  const widest = Math.max(...labels.map((label) => widthOf(label)));
  const width = Math.min(widest, LABEL_WIDTH_MAX, Math.max(12, Math.floor(frame.columns / 2)));
  const lines = rows.map((row, index) => rowLine(row, { label: labels[index] ?? '', width, frame }));
  return more > 0 ? [...lines, colors.dim(`   … ${more} more ${more === 1 ? 'task' : 'tasks'}`)] : lines;
}

function labelOf(row: TreeRow, nowMs: number): string {
  const lead = colors.dim(branchText(row.branch));
  if (row.kind === 'folded') return `${lead}${symbolOf(row.status)} ${colors.dim(`${row.count} ${row.status}`)}`;
  const { task } = row;
  const symbol = task.status === 'running' ? paintAs('running', spinnerAt(nowMs)) : symbolOf(task.status);
  const { parent } = task;
  const context =
    row.isAlone === true && parent?.parent !== undefined ? colors.dim(`${oneLine(parent.definition.name)} › `) : '';
  return `${lead}${symbol} ${context}${nameText(task)}`;
}

function nameText(task: TaskView): string {
  const name = oneLine(task.definition.name);
  if (task.parent === undefined) return colors.bold(name);
  return task.status === 'pending' || task.status === 'ready' || task.status === 'skipped' ? colors.dim(name) : name;
}

interface LineOptions {
  readonly label: string;
  readonly width: number;
  readonly frame: Frame;
}

function rowLine(row: TreeRow, { label, width, frame }: LineOptions): string {
  if (row.kind === 'folded') return fit(label, frame.columns);
  const took = pad(taskDuration(row.task, frame.nowMs), DURATION_WIDTH, 'right');
  // Blanks stay without colour, so that those at the end of a line can be cut off.
  const duration = took.trim() === '' ? took : colors.dim(took);
  return fit(`${pad(label, width)}  ${duration}  ${taskDetail(row.task, frame.nowMs)}`, frame.columns);
}

function branchText(branch: Branch): string {
  if (branch.length === 0) return '';
  const shown = branch.slice(-BRANCH_DEPTH_MAX);
  const lead = shown.length < branch.length ? '… ' : '';
  const above = shown.slice(0, -1).map((hasMore) => (hasMore ? '│  ' : '   '));
  return `${lead}${above.join('')}${shown.at(-1) === true ? '├─ ' : '└─ '}`;
}

/** `━━━━━━────  12/20 (60 %)  2 running  1 failed  12s  ~8s left (longest chain)`. */
export function totalsLine(view: RunView, frame: Frame): string {
  const { status } = view;
  const tally = runTally(view);
  const isOpen = tally.ended < tally.total;
  const parts = [`${tally.ended}/${tally.total}${isOpen ? ` (${percentOf(tally)} %)` : ''}`];
  if (tally.running > 0) parts.push(paintAs('running', `${tally.running} running`));
  if (tally.waiting > 0) parts.push(paintAs('waiting', `${tally.waiting} waiting`));
  if (tally.failed > 0) parts.push(colors.red(`${tally.failed} failed`));
  if (isRunEnded(view) || status === 'pausing' || status === 'paused') parts.push(statusText(status));
  const tookMs = runDurationMs(view, frame.nowMs);
  if (tookMs !== undefined) parts.push(colors.dim(durationText(tookMs)));
  const left = leftText(view, frame.nowMs);
  if (left !== '') parts.push(colors.dim(left));
  const text = parts.join('  ');
  const barWidth = Math.min(BAR_WIDTH_MAX, frame.columns - widthOf(text) - 3);
  return fit(barWidth < 5 ? text : `${bar(view, barWidth)}  ${text}`, frame.columns);
}

function bar(view: RunView, width: number): string {
  const { total, ended, failed } = runTally(view);
  const filled = total === 0 ? 0 : Math.floor((ended / total) * width);
  const bad = failed === 0 || total === 0 ? 0 : Math.min(filled, Math.max(1, Math.round((failed / total) * width)));
  return `${colors.green('━'.repeat(filled - bad))}${colors.red('━'.repeat(bad))}${colors.dim('─'.repeat(width - filled))}`;
}

export interface OutcomeOptions extends Pick<Frame, 'nowMs'> {
  /** Columns of the terminal; undefined (a pipe): lines are not broken. */
  readonly columns?: number | undefined;
}

/** The last lines of a run: its failures, and how it ended. */
export function renderOutcome(view: RunView, { nowMs, columns }: OutcomeOptions): readonly string[] {
  const failures = unhandledFailures(view);
  const lines = [...failureBlocks(failures, view.root?.id ?? '', columns)];
  if (lines.length > 0) lines.push('');
  const say = (text: string): unknown => lines.push(...hanging(text, columns));
  if (view.reason !== undefined && view.status === 'cancelled')
    say(colors.dim(`Cancelled: ${oneLine(reasonText(view.reason))}`));
  if (view.status === 'failed' && failures.length === 0 && view.error !== undefined)
    say(colors.red(oneLine(view.error.message)));
  for (const line of cutLines(view)) say(line);
  const unread = unreadText(view.unread);
  if (unread !== '') say(colors.yellow(oneLine(unread)));
  if (view.compensation !== undefined) say(colors.yellow(oneLine(compensationText(view.compensation))));
  if (view.tolerated !== undefined) say(colors.yellow(oneLine(toleratedText(view.tolerated))));
  for (const line of view.result === undefined ? [] : resultLines(view.result)) say(oneLine(line));
  const tookMs = runDurationMs(view, nowMs);
  const took = tookMs === undefined ? '' : ` in ${durationText(tookMs)}`;
  say(
    `${symbolOf(view.status)} ${paintAs(view.status, view.status)}${took}${colors.dim(` · ${countsText(view)} · ${view.root?.id ?? ''}`)}`,
  );
  return lines;
}

/** Tasks that the summary names. */
const CUT_NAMED_MAX = 3;

/** Outputs that were cut although the task did not ask for it: their reader must know. */
function cutLines(view: RunView): readonly string[] {
  const cut = [...view.tasks.values()].filter((task) => task.cut?.some(({ asked }) => asked !== true) === true);
  if (cut.length === 0) return [];
  const named = cut
    .slice(0, CUT_NAMED_MAX)
    .map((task) => `${oneLine(task.definition.name)} (${oneLine(cutText(task.cut))})`);
  const more = cut.length > CUT_NAMED_MAX ? ` and ${cut.length - CUT_NAMED_MAX} more` : '';
  const what = cut.length === 1 ? 'An output is not whole' : `${cut.length} outputs are not whole`;
  return [colors.yellow(`${what}: ${named.join(', ')}${more}`)];
}

const OUTCOME_ORDER: readonly TaskView['status'][] = ['completed', 'failed', 'skipped', 'cancelled'];

/** `20 tasks`, or what became of them: `12 completed, 1 failed, 7 skipped`. */
function countsText(view: RunView): string {
  const counts = new Map(OUTCOME_ORDER.map((status) => [status, 0]));
  for (const { status, isLeftOut, definition } of view.tasks.values()) {
    // A group ends as its members do: it would count a failure twice.
    if (!isLeftOut && !isGroup(definition)) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const found = [...counts].filter(([, count]) => count > 0);
  const { total } = runTally(view);
  if (found.length <= 1) return `${total} ${total === 1 ? 'task' : 'tasks'}`;
  return found.map(([status, count]) => `${count} ${status}`).join(', ');
}

function isRunEnded(view: RunView): boolean {
  return view.endedAtMs !== undefined && view.root !== undefined && isEnded(view.root.status);
}

function fit(line: string, columns: number): string {
  return cutTo(line.trimEnd(), columns);
}

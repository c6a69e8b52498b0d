/** `coppice tasks cancel|retry|archive|delete` with a filter: one action on all trees that it selects, page by page. */
import type { Client } from '@coppice/client';
import { BULK_STATUSES } from '@coppice/protocol';
import type { BulkAction, Params, Result } from '@coppice/protocol';
import colors from 'picocolors';
import { attendRun } from './attended-run.ts';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { COPPICE } from '../output/command-name.ts';
import { ExitCode } from '../output/exit-code.ts';
import type { Output } from '../output/output.ts';
import { UsageError } from '../output/report-error.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import type { BulkOptions } from '../program-filter.ts';
import type { Session } from '../session/session.ts';
import { treeFilterOf } from './tree-filter.ts';

type BulkParams = Params<'tasks.bulk'>;
type BulkItem = Result<'tasks.bulk'>['items'][number];

/** Trees of one request: few enough that progress is seen. */
const PAGE = 100;

/** The words for what an action does. */
const DONE: Readonly<Record<BulkAction, string>> = {
  cancel: 'Cancelled',
  retry: 'Retried',
  archive: 'Archived',
  delete: 'Deleted',
};

/** What the action takes beside the filter: a reason, a mode. */
type Details = Pick<Extract<BulkParams, { action: 'cancel' }>, 'reason' | 'force'> &
  Pick<Extract<BulkParams, { action: 'retry' }>, 'mode'>;

export interface BulkRequest {
  readonly action: BulkAction;
  readonly options: BulkOptions;
  readonly details?: Details;
}

/** Undefined: the command names tasks, and no filter. Both, or neither, are refused. */
export async function bulkOf(
  references: readonly string[],
  { action, options, details }: BulkRequest,
): Promise<BulkParams | undefined> {
  const filter = await treeFilterOf(options);
  if (references.length === 0) {
    if (filter !== undefined) return { action, filter, ...details };
    throw new UsageError(
      `Name what to ${action}: ids, or a filter such as --status or --tag. See ${COPPICE} tasks ${action} --help.`,
    );
  }
  if (filter === undefined && !Object.keys(options).some((name) => FILTER_ONLY.has(name))) return undefined;
  throw new UsageError('Ids and a filter exclude each other: --status, --tag and the like select whole trees.');
}

/** Options that make no sense with ids. */
const FILTER_ONLY: ReadonlySet<string> = new Set(['dryRun', 'limit']);

/** Acts on all pages. Fails when any tree was refused. */
export async function runBulk(context: CommandContext, params: BulkParams, options: BulkOptions): Promise<number> {
  const { output, open } = context;
  const { action } = params;
  const dryRun = options.dryRun === true;
  const session = await open(dryRun ? 'read' : action === 'retry' ? 'run' : 'write');
  const { status = [...BULK_STATUSES[action]], ...filter } = params.filter;
  const { total } = await session.client.tasks.count({ ...filter, status });
  const selected = Math.min(total, options.limit ?? total);
  if (action === 'delete' && !dryRun && options.yes !== true && selected > 0) {
    throw new UsageError(
      `This would delete ${counted(selected, 'tree')} with all that is known about them. Look at them with --dry-run; delete them with --yes.`,
    );
  }
  const items: BulkItem[] = [];
  for await (const page of pagesOf(session.client, { ...params, dryRun }, selected)) {
    items.push(...page);
    if (output.isJson) continue;
    for (const item of page) output.line(lineOf(item));
    if (items.length < selected) output.note(`${items.length} of ${selected} …`);
  }
  if (output.isJson) output.json({ action, dryRun, items }, session.isLocal && action === 'retry');
  else output.note(summaryOf(items, dryRun ? `Would ${action}` : DONE[action]));
  const refused = items.every(({ ok }) => ok) ? ExitCode.Ok : ExitCode.Failed;
  // A local run needs this process.
  const attended = session.isLocal && action === 'retry' && !dryRun ? await attendAll(session, items, output) : 0;
  return Math.max(refused, attended);
}

/** The items of each answer, until `limit` trees have been looked at. */
async function* pagesOf(client: Client, params: BulkParams, limit: number): AsyncGenerator<readonly BulkItem[]> {
  let left = limit;
  for (let cursor: string | undefined; left > 0;) {
    const { items, nextCursor } = await client.tasks.bulk({
      ...params,
      limit: Math.min(PAGE, left),
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield items;
    if (nextCursor === undefined) return;
    left -= items.length;
    cursor = nextCursor;
  }
}

/** All runs go on at once and are shown one after another. */
async function attendAll(session: Session, items: readonly BulkItem[], output: Output): Promise<number> {
  let exitCode: number = ExitCode.Ok;
  for (const { treeId, ok } of items) {
    if (!ok) continue;
    const { tree } = await session.client.tasks.get({ taskId: treeId });
    exitCode = Math.max(exitCode, await attendRun({ session, treeId, output, afterSeq: tree?.seq ?? 0 }));
  }
  return exitCode;
}

function lineOf(item: BulkItem): string {
  const tree = `${item.treeId}  ${oneLine(item.name)} ${colors.dim(`(${statusText(item.status)})`)}`;
  return item.ok
    ? `${symbolOf('completed')} ${tree}, ${counted(item.taskCount, 'task')}`
    : `${symbolOf('failed')} ${tree}: ${item.error.message} (${item.error.code})`;
}

function summaryOf(items: readonly BulkItem[], done: string): string {
  if (items.length === 0) return 'No tree matches.';
  const accepted = items.filter((item) => item.ok);
  const tasks = accepted.reduce((sum, { taskCount }) => sum + taskCount, 0);
  const refused = items.length - accepted.length;
  const summary = `${done} ${counted(accepted.length, 'tree')} with ${counted(tasks, 'task')}`;
  return refused === 0 ? `${summary}.` : `${summary}; ${refused} refused.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

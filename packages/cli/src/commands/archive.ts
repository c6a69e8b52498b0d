/** `coppice tasks archive`, `coppice archives` and `coppice prune`: runs that leave the store, and come back. */
import { bytesText, relativeText } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { COPPICE } from '../output/command-name.ts';
import { ExitCode } from '../output/exit-code.ts';
import { UsageError } from '../output/report-error.ts';
import { tableLines } from '../output/table.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import type { BulkOptions } from '../program-filter.ts';

type ArchivedRun = Result<'archives.list'>['items'][number];
type Leaving = Result<'retention.apply'>['items'][number];

const RUN_STATUSES = ['created', 'running', 'pausing', 'paused', 'completed', 'failed', 'cancelled'] as const;
/** Archived runs that a beginning of an id is compared with. */
const SEARCHED_MAX = 1_000;
/** Runs of one request: few enough that progress is seen. */
const PAGE = 100;

export interface ArchivesOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface PruneOptions {
  readonly dryRun?: boolean;
  readonly limit?: number;
}

export async function archive(
  context: CommandContext,
  reference: string | undefined,
  options: BulkOptions,
): Promise<number> {
  const { bulkOf, runBulk } = await import('./tasks-bulk.ts');
  const bulk = await bulkOf(reference === undefined ? [] : [reference], { action: 'archive', options });
  if (bulk !== undefined) return runBulk(context, bulk, options);
  const { output, open } = context;
  const { client, tree: find } = await open('write');
  const treeId = await find(reference as string);
  // Whatever its status is: a run that has not ended is refused with the reason.
  const filter = { treeIds: [treeId], status: [...RUN_STATUSES] };
  const [item] = (await client.tasks.bulk({ action: 'archive', filter })).items;
  if (output.isJson) output.json({ items: item === undefined ? [] : [item] });
  else if (item?.ok === true)
    output.line(
      `${symbolOf('completed')} Archived ${treeId}. Bring it back with: ${COPPICE} archives restore ${treeId}`,
    );
  else output.line(`${symbolOf('failed')} ${item?.error.message ?? `There is no tree "${treeId}".`}`);
  return item?.ok === true ? ExitCode.Ok : ExitCode.Failed;
}

export async function archives({ output, open }: CommandContext, { limit, cursor }: ArchivesOptions): Promise<void> {
  const { client } = await open('read');
  const page = await client.archives.list({
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (output.isJson) {
    output.json(page);
    return;
  }
  if (page.items.length === 0) output.note(`The archive is empty. Fill it with: ${COPPICE} tasks archive TREE`);
  const nowMs = Date.now();
  const lines = tableLines(
    page.items,
    [
      { title: 'ID', value: ({ treeId }) => oneLine(treeId) },
      { title: 'NAME', value: ({ name }) => oneLine(name), shrinks: true },
      { title: 'STATUS', value: statusOf, shrinks: true },
      { title: 'ARCHIVED', value: ({ archivedAt }) => relativeText(archivedAt, nowMs), align: 'right' },
      { title: 'SIZE', value: ({ bytes }) => bytesText(bytes), align: 'right' },
    ],
    { width: output.columns },
  );
  for (const line of page.items.length === 0 ? [] : lines) output.line(line);
  if (page.nextCursor !== undefined) output.note(`More with: --cursor ${page.nextCursor}`);
}

export async function verify({ output, open }: CommandContext, reference: string): Promise<void> {
  const { client } = await open('read');
  const answer = await client.archives.verify({ treeId: await found(client, reference) });
  if (output.isJson) output.json(answer);
  else
    output.line(
      `${symbolOf('completed')} ${answer.treeId} is as it was archived: ${answer.events} events, ${answer.logLines} lines of tasks, SHA-256 ${answer.hash}`,
    );
}

export async function restore({ output, open }: CommandContext, reference: string): Promise<void> {
  const { client } = await open('write');
  const answer = await client.archives.restore({ treeId: await found(client, reference) });
  if (output.isJson) output.json(answer);
  else {
    const what = answer.isNew ? 'is back in the store' : 'was in the store already';
    output.line(`${symbolOf(answer.status)} The run ${answer.treeId} (${statusText(answer.status)}) ${what}.`);
  }
}

export async function deleteArchive(
  { output, open }: CommandContext,
  reference: string,
  { yes }: { readonly yes?: boolean },
): Promise<void> {
  const { client } = await open('write');
  const treeId = await found(client, reference);
  if (yes !== true)
    throw new UsageError(`This would delete the archived run ${treeId} for good. Delete it with --yes.`);
  const answer = await client.archives.delete({ treeId });
  if (output.isJson) output.json({ treeId, ...answer });
  else output.line(`${symbolOf('completed')} Deleted the archived run ${treeId}.`);
}

export async function prune({ output, open }: CommandContext, options: PruneOptions): Promise<number> {
  const dryRun = options.dryRun === true;
  const { client } = await open(dryRun ? 'read' : 'write');
  const items: Leaving[] = [];
  for (let hasMore = true; hasMore;) {
    const left = (options.limit ?? Infinity) - items.length;
    const page = await client.retention.apply({ dryRun, limit: Math.min(dryRun ? SEARCHED_MAX : PAGE, left) });
    items.push(...page.items);
    for (const item of output.isJson ? [] : page.items) output.line(lineOf(item, dryRun));
    const isStuck = dryRun || page.items.every(({ error }) => error !== undefined);
    hasMore = page.more && !isStuck && items.length < (options.limit ?? Infinity);
  }
  const refused = items.filter(({ error }) => error !== undefined).length;
  if (output.isJson) output.json({ dryRun, items });
  else output.note(summaryOf(items.length - refused, { refused, dryRun }));
  return refused === 0 ? ExitCode.Ok : ExitCode.Failed;
}

function lineOf({ treeId, name, status, endedAt, action, because, error }: Leaving, dryRun: boolean): string {
  const why = because === 'age' ? `ended ${relativeText(endedAt, Date.now())}` : 'enough newer ones';
  const run = `${treeId}  ${oneLine(name)} (${statusText(status)}), ${why}`;
  if (error !== undefined) return `${symbolOf('failed')} ${run}: ${error.message}`;
  return `${symbolOf('completed')} ${run}: ${dryRun ? `to ${action}` : `${action}d`}`;
}

function summaryOf(count: number, { refused, dryRun }: { readonly refused: number; readonly dryRun: boolean }): string {
  if (count + refused === 0) return 'No run is old enough. The rules are under "retention" in the configuration.';
  const runs = `${count} ${count === 1 ? 'run' : 'runs'}`;
  const rest = refused === 0 ? '' : ` ${refused} could not leave.`;
  return dryRun ? `${runs} would leave the store.` : `${runs} left the store.${rest}`;
}

function statusOf({ status, isStored, problem }: ArchivedRun): string {
  if (problem !== null) return `${symbolOf('failed')} ${oneLine(problem)}`;
  return `${symbolOf(status)} ${statusText(status)}${isStored ? ', in the store too' : ''}`;
}

/** The id that begins so. What fits nothing is left as it is: the server says that there is no such run. */
async function found(client: Client, reference: string): Promise<string> {
  const { items } = await client.archives.list({ limit: SEARCHED_MAX });
  const fits = items.filter(({ treeId }) => treeId.startsWith(reference));
  if (fits.length > 1 && !fits.some(({ treeId }) => treeId === reference))
    throw new UsageError(`"${reference}" fits ${fits.length} archived runs. Give more of the id.`);
  return fits.length === 1 ? (fits[0] as ArchivedRun).treeId : reference;
}

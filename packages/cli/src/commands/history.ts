/** `coppice history times|diff`: where the time of a run went, and how two moments of it differ. */
import { durationText } from '@coppice/client';
import type { Params, Result } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { COPPICE } from '../output/command-name.ts';
import { tableLines } from '../output/table.ts';
import { statusText, symbolOf } from '../output/theme.ts';

export interface TimesOptions {
  /** Number of an event. */
  readonly at?: number;
  readonly by?: NonNullable<Params<'tasks.times'>['by']>;
  readonly limit?: number;
}

type Times = Result<'tasks.times'>;
type Span = keyof Times['spent'];
type Diff = Result<'tasks.diff'>;

const TASKS_SHOWN = 20;

/** Heads of the columns, in the order in which a task goes through them. */
const SPANS: readonly (readonly [span: Span, title: string])[] = [
  ['dependencies', 'DEPENDENCIES'],
  ['limited', 'LIMITED'],
  ['running', 'RUNNING'],
  ['backOff', 'BACK-OFF'],
  ['waiting', 'WAITING'],
  ['paused', 'PAUSED'],
];

export async function times({ output, open }: CommandContext, reference: string, options: TimesOptions): Promise<void> {
  const { client, tree: find } = await open('read');
  const { at, by, limit = TASKS_SHOWN } = options;
  const treeId = await find(reference);
  const found = await client.tasks.times({
    treeId,
    limit,
    ...(at === undefined ? {} : { seq: at }),
    ...(by === undefined ? {} : { by }),
  });
  if (output.isJson) {
    output.json(found);
    return;
  }
  const { status, seq, tookMs, spent, items, total } = found;
  const took = tookMs === null ? 'it has not started' : `took ${durationText(tookMs)}`;
  output.line(`${symbolOf(status)} ${statusText(status)} at event ${seq}: ${took}`);
  const rows = [{ name: 'all tasks', spent }, ...items];
  const lines = tableLines(
    rows,
    [
      { title: 'TASK', value: ({ name }) => oneLine(name), shrinks: true },
      ...SPANS.map(([span, title]) => ({
        title,
        value: (row: (typeof rows)[number]) => (row.spent[span] === 0 ? '-' : durationText(row.spent[span])),
        align: 'right' as const,
      })),
    ],
    { width: output.columns },
  );
  for (const line of total === 0 ? [] : lines) output.line(line);
  if (total > items.length)
    output.note(
      `${total - items.length} more tasks with: ${COPPICE} history times ${reference} --limit ${Math.min(total, 1000)}`,
    );
}

export interface DiffOptions {
  readonly limit?: number;
}

export interface DiffArguments {
  readonly tree: string;
  readonly from: number;
  readonly to: number | undefined;
}

export async function diff(
  { output, open }: CommandContext,
  { tree, from, to }: DiffArguments,
  { limit }: DiffOptions,
): Promise<void> {
  const { client, tree: find } = await open('read');
  const treeId = await find(tree);
  const found = await client.tasks.diff({
    treeId,
    from,
    ...(to === undefined ? {} : { to }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (output.isJson) {
    output.json(found);
    return;
  }
  output.line(`event ${found.from.seq} ${found.from.at}, the run is ${statusText(found.from.status)}`);
  output.line(`event ${found.to.seq} ${found.to.at}, the run is ${statusText(found.to.status)}`);
  for (const item of found.items) output.line(differenceText(item));
  if (found.items.length === 0) output.note('No task differs.');
  if (found.total > found.items.length) output.note(`${found.total - found.items.length} more with: --limit`);
}

/** `✓ build  ready → completed, attempt 1, input, output`. */
function differenceText({ name, before, after, changed }: Diff['items'][number]): string {
  const shown = oneLine(name);
  if (after === null) return `- ${shown}  has left the run`;
  if (before === null) return `+ ${shown}  ${statusText(after.status)}`;
  const status =
    before.status === after.status
      ? statusText(after.status)
      : `${statusText(before.status)} → ${statusText(after.status)}`;
  const more = changed.flatMap((what) =>
    what === 'status' ? [] : what === 'attempt' ? [`attempt ${after.attempt}`] : [what],
  );
  return `${symbolOf(after.status)} ${shown}  ${status}${more.length === 0 ? '' : colors.dim(`  ${more.join(', ')}`)}`;
}

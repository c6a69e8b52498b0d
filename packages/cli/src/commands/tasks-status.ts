/** `coppice tasks status`: how far a run is, how long it takes, and what waits for which executor. */
import { durationText } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { tableLines } from '../output/table.ts';
import { statusText, symbolOf } from '../output/theme.ts';

export interface StatusOptions {
  readonly group?: readonly string[];
}

type Progress = Result<'tasks.status'>['progress'];
type Counted = NonNullable<Progress['groups']>[number];

export async function status(
  { output, open }: CommandContext,
  reference: string,
  options: StatusOptions,
): Promise<void> {
  const { client, tree: find, task } = await open('read');
  const treeId = await find(reference);
  const groups = options.group === undefined ? undefined : await Promise.all(options.group.map(task));
  const found = await client.tasks.status({ treeId, ...(groups === undefined ? {} : { groups }) });
  if (output.isJson) {
    output.json(found);
    return;
  }
  const { progress, tookMs, averageTaskMs, queues } = found;
  output.line(`${symbolOf(progress.status)} ${statusText(progress.status)}: ${countsText(progress)}`);
  for (const [index, group] of (progress.groups ?? []).entries())
    output.line(`  ${options.group?.[index] ?? group.taskId}: ${countsText(group)}`);
  if (tookMs !== null) output.line(`took ${durationText(tookMs)}${leftText(progress)}`);
  if (averageTaskMs !== null) output.line(`${durationText(averageTaskMs)} per task on average`);
  const lines = tableLines(
    queues,
    [
      { title: 'EXECUTOR', value: (queue) => queue.executor, shrinks: true },
      { title: 'READY', value: (queue) => String(queue.ready), align: 'right' },
      { title: 'RUNNING', value: (queue) => String(queue.running), align: 'right' },
      { title: 'OPEN', value: (queue) => String(queue.open), align: 'right' },
      {
        title: 'AVERAGE',
        value: ({ averageMs }) => (averageMs === null ? '-' : durationText(averageMs)),
        align: 'right',
      },
    ],
    { width: output.columns },
  );
  for (const line of queues.length === 0 ? [] : lines) output.line(line);
}

/** `3 of 10 tasks (30 %), 2 running, 1 failed`. */
function countsText({ total, counts, fraction }: Pick<Counted, 'total' | 'counts' | 'fraction'>): string {
  const { running, waiting, failed } = counts;
  const ended = Math.round(fraction * total);
  const more = Object.entries({ running, waiting, failed }).flatMap(([name, count]) =>
    count > 0 ? [`${count} ${name}`] : [],
  );
  return [`${ended} of ${total} tasks (${Math.floor(fraction * 100)} %)`, ...more].join(', ');
}

const BASES = { work: 'by the work that is left', criticalPath: 'by the longest chain of tasks' } as const;

function leftText({ etaMs, etaBasis }: Progress): string {
  return etaMs === null || etaBasis === null ? '' : `, about ${durationText(etaMs)} left ${BASES[etaBasis]}`;
}

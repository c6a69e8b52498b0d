/** `coppice tasks failures`: what failed in a run, and what became of it, page by page. */
import type { Result } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { causeLines, ladderLines } from '../live/failures.ts';
import { oneLine } from '../live/task-text.ts';
import { tableLines } from '../output/table.ts';

export interface FailuresOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

export async function failures(
  { output, open }: CommandContext,
  reference: string,
  { limit, cursor }: FailuresOptions,
): Promise<void> {
  const { client, tree: find } = await open('read');
  const page = await client.tasks.failures({
    treeId: await find(reference),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (output.isJson) {
    output.json(page);
    return;
  }
  output.note(page.total === 0 ? 'Nothing failed.' : `${page.total} failed`);
  const lines = tableLines(
    page.items,
    [
      { title: 'ID', value: (item) => item.taskId },
      { title: 'NAME', value: (item) => oneLine(item.name), shrinks: true },
      { title: 'WHAT BECAME OF IT', value: ({ toleration }) => tolerationText(toleration) },
      { title: 'ERROR', value: (item) => oneLine(item.error.message), shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of page.items.length === 0 ? [] : lines) output.line(line);
  for (const failure of page.items) for (const line of accountLines(failure, output.columns)) output.line(line);
  if (page.nextCursor !== undefined) output.note(`More with: --cursor ${page.nextCursor}`);
}

/** What caused a failure and what was done about it, below the table; empty when the table says it all. */
export function accountLines(failure: Failure, columns: number | undefined): readonly string[] {
  const { name, error, ladder } = failure;
  const lines = [...causeLines(error), ...ladderLines(ladder, columns)];
  return lines.length === 0 ? [] : ['', colors.bold(oneLine(name)), ...lines];
}

type Failure = Result<'tasks.failures'>['items'][number];

function tolerationText(toleration: Failure['toleration']): string {
  return toleration === undefined ? 'failed the run' : `${toleration.how} by ${oneLine(toleration.by.name)}`;
}

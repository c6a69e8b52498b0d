/** `coppice tasks list|get|tree|events|attempts|explain`: what there is and what happened. */
import type { Params, Result } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { holdText } from '../live/hold-text.ts';
import { compactJson, oneLine, preview } from '../live/task-text.ts';
import { tableLines } from '../output/table.ts';
import type { Column } from '../output/table.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import { actorText, durationText, relativeText, spanText } from '@coppice/client';
import type { AttemptEnd } from '@coppice/client';
import { failureLines } from '../live/failures.ts';
import { messageAbove, printedLines } from '../live/printed-lines.ts';
import type { FilterOptions } from '../program-filter.ts';
import { selectionOf } from './tree-filter.ts';
import { cut, showTask, showTree } from './tree-answer.ts';
import { COPPICE } from '../output/command-name.ts';

export interface ListOptions extends FilterOptions {
  readonly all?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

export async function list({ output, open }: CommandContext, options: ListOptions): Promise<void> {
  const { client } = await open('read');
  const { status, all, limit, cursor } = options;
  const page = await client.tasks.list({
    rootOnly: all !== true,
    ...(status === undefined ? {} : { status: status as NonNullable<Params<'tasks.list'>['status']> }),
    ...(await selectionOf(options)),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (output.isJson) {
    output.json(page);
    return;
  }
  if (page.items.length === 0) {
    output.note(all === true ? 'No task matches.' : `No tree matches. Make one with: ${COPPICE} run FILE`);
    return;
  }
  const nowMs = Date.now();
  const shownStatus = (item: (typeof page.items)[number]) => (item.parentId === null ? item.runStatus : item.status);
  const lines = tableLines(
    page.items,
    [
      { title: 'ID', value: (item) => item.id },
      { title: 'NAME', value: (item) => oneLine(item.name), shrinks: true },
      { title: 'STATUS', value: (item) => `${symbolOf(shownStatus(item))} ${statusText(shownStatus(item))}` },
      { title: 'STARTED', value: (item) => relativeText(item.startedAt, nowMs), align: 'right' },
      { title: 'TOOK', value: (item) => spanText(item.startedAt, item.endedAt, nowMs), align: 'right' },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
  if (page.nextCursor !== undefined) output.note(`More with: --cursor ${page.nextCursor}`);
}

export async function get({ output, open }: CommandContext, reference: string): Promise<void> {
  const { client, task: find } = await open('read');
  const taskId = await find(reference);
  const task = await client.tasks.get({ taskId });
  if (output.isJson) {
    output.json(task);
    return;
  }
  showTask(task, output);
  if (task.tree?.status !== 'failed') return;
  const page = await client.tasks.failures({ treeId: task.treeId, tolerated: false, limit: FAILURES_SHOWN });
  for (const failure of page.items) for (const line of failureLines(failure, output.columns)) output.line(line);
  const more = page.total - page.items.length;
  if (more > 0) output.note(`${more} more failures. See them all: ${COPPICE} tasks failures ${task.treeId}`);
}

/** Failures of a run that are shown below its root. */
const FAILURES_SHOWN = 10;

export interface TreeOptions {
  readonly depth?: number;
  readonly subtreeOnly?: boolean;
}

export async function tree({ output, open }: CommandContext, reference: string, options: TreeOptions): Promise<void> {
  const { client, task: find } = await open('read');
  const taskId = await find(reference);
  const { depth, subtreeOnly = false } = options;
  const root = await client.tasks.tree({ taskId, subtreeOnly, ...(depth === undefined ? {} : { depth }) });
  if (output.isJson) output.json(root);
  else showTree(root, output);
}

export interface EventsOptions {
  readonly after?: number;
  readonly task?: string;
  readonly search?: string;
  readonly limit?: number;
}

/** Writes one event per line with `--json`, like `watch`. */
export async function events(
  { output, open }: CommandContext,
  reference: string,
  options: EventsOptions,
): Promise<void> {
  const { client, tree: find, task } = await open('read');
  const treeId = await find(reference);
  const { after: afterSeq, search, limit } = options;
  const page = await client.tasks.events({
    treeId,
    ...(afterSeq === undefined ? {} : { afterSeq }),
    ...(options.task === undefined ? {} : { taskId: await task(options.task) }),
    ...(search === undefined ? {} : { search }),
    ...(limit === undefined ? {} : { limit }),
  });
  for (const event of page.items) {
    if (output.isJson) output.json(event, true);
    else {
      const subject = 'taskId' in event ? event.taskId : '';
      const data =
        event.type === 'TreeCreated' ? `${event.data.definition.tasks.length} tasks` : compactJson(event.data);
      const by = event.actor === undefined ? '' : `by ${actorText(event.actor)}  `;
      const line = `${String(event.seq).padStart(5)}  ${colors.dim(event.at)}  ${event.type.padEnd(18)}  ${subject}  ${colors.dim(oneLine(`${by}${data}`))}`;
      output.line(cut(line, output));
    }
  }
  const { seenSeq, lastSeq } = page;
  const last = seenSeq ?? page.items.at(-1)?.seq;
  if (last !== undefined && last < lastSeq)
    output.note(
      seenSeq === undefined
        ? `${lastSeq - last} more with: --after ${last}`
        : `Looked at the log up to event ${last} of ${lastSeq}. Go on with: --after ${last}`,
    );
}

type Attempt = Result<'tasks.attempts'>['items'][number];

export async function attempts({ output, open }: CommandContext, reference: string): Promise<void> {
  const { client, task: find } = await open('read');
  const taskId = await find(reference);
  const { items } = await client.tasks.attempts({ taskId });
  if (output.isJson) {
    output.json({ items });
    return;
  }
  if (items.length === 0) output.note(`No attempt yet. See why with: ${COPPICE} tasks explain ID`);
  const nowMs = Date.now();
  const lines = tableLines(
    items,
    [
      { title: 'ATTEMPT', value: (item) => String(item.attempt), align: 'right' },
      { title: 'STATUS', value: (item) => item.status },
      { title: 'STARTED', value: (item) => relativeText(item.startedAt, nowMs), align: 'right' },
      { title: 'TOOK', value: (item) => spanText(item.startedAt, item.endedAt, nowMs), align: 'right' },
      ...(items.every(({ retryDelayMs }) => retryDelayMs === undefined) ? [] : [NEXT_AFTER]),
      { title: 'RESULT', value: resultOf, shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of items.length === 0 ? [] : lines) output.line(line);
  for (const { attempt, ...end } of items) {
    const printed = printedLines({ taskId, attempt, ...end });
    if (printed.length > 0) output.line(`\nattempt ${attempt} printed`);
    for (const line of printed) output.line(line);
  }
}

const NEXT_AFTER: Column<Attempt> = {
  title: 'NEXT AFTER',
  value: ({ retryDelayMs }) => (retryDelayMs === undefined ? '-' : durationText(retryDelayMs)),
  align: 'right',
};

function resultOf({ error, output }: AttemptEnd): string {
  return oneLine(error ? messageAbove(error.message, { error }) : preview(output));
}

export async function explain({ output, open }: CommandContext, reference: string): Promise<void> {
  const { client, task: find } = await open('read');
  const taskId = await find(reference);
  const explanation = await client.tasks.explain({ taskId });
  if (output.isJson) {
    output.json(explanation);
    return;
  }
  output.line(`${symbolOf(explanation.status)} ${statusText(explanation.status)}: ${oneLine(explanation.summary)}`);
  for (const blocker of explanation.blockedBy) {
    switch (blocker.kind) {
      case 'dependency':
      case 'group':
        output.line(
          `  ${blocker.kind} ${oneLine(blocker.name)} is ${statusText(blocker.status)} ${colors.dim(blocker.taskId)}`,
        );
        break;
      case 'gate':
        output.line(`  gate ${blocker.gate}: ${blocker.used} of ${blocker.limit} in use`);
        break;
      case 'delay':
        output.line(`  due ${relativeText(blocker.dueAt, Date.now())} (${blocker.reason})`);
        break;
      case 'pause':
        output.line(
          `  ${statusText(blocker.status)} with ${oneLine(blocker.name)} ${relativeText(blocker.since, Date.now())} ${colors.dim(blocker.taskId)}`,
        );
        break;
      case 'signal':
        output.line(`  signal ${oneLine(blocker.signal)} since ${relativeText(blocker.since, Date.now())}`);
        break;
      case 'hold':
        output.line(`  held: ${holdText(blocker)}`);
        break;
      case 'run':
        output.line(`  the run is ${statusText(blocker.status)}`);
        break;
    }
  }
  for (const { limit, name, endsAt } of explanation.limits)
    output.line(`  limit ${limit} of ${oneLine(name)} ends ${relativeText(endsAt, Date.now())}`);
}

/** `coppice limits [set]`: what starts have to pass, who waits there, and how much may pass. */
import { actorText, durationText, relativeText } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import type { Output } from '../output/output.ts';
import { tableLines } from '../output/table.ts';

type GateReport = Result<'limits.get'>['items'][number];

export interface LimitsOptions {
  readonly limit?: number;
}

export async function limits(
  { output, open }: CommandContext,
  gate: string | undefined,
  { limit }: LimitsOptions,
): Promise<void> {
  const { client } = await open('read');
  const answer = await client.limits.get({
    ...(gate === undefined ? {} : { gate }),
    ...(limit === undefined ? {} : { limit }),
  });
  if (output.isJson) {
    output.json(answer);
    return;
  }
  show(output, answer.items);
  if (gate !== undefined) for (const item of answer.items) showWaiters(output, item);
  if (answer.total > answer.items.length) output.note(`${answer.total - answer.items.length} more; see --limit.`);
}

export async function history({ output, open }: CommandContext): Promise<void> {
  const { client } = await open('read');
  const { items } = await client.limits.history({ limit: 1_000 });
  if (output.isJson) output.json({ items });
  else for (const item of items) output.line(changeText(item));
}

export async function setLimit(
  { output, open }: CommandContext,
  { gate, limit }: { readonly gate: string; readonly limit: number | 'unlimited' | 'configured' },
  { reason }: { readonly reason?: string },
): Promise<void> {
  const { client } = await open('write');
  const answer = await client.limits.set({ gate, limit, ...(reason === undefined ? {} : { reason }) });
  if (output.isJson) {
    output.json(answer);
    return;
  }
  if (!answer.changed) output.note('Nothing has changed: it was so already.');
  show(output, answer.items);
}

function show(output: Output, items: readonly GateReport[]): void {
  if (items.length === 0) {
    output.line('No start passes a limited gate now.');
    return;
  }
  const lines = tableLines(
    items,
    [
      { title: 'GATE', value: ({ gate }) => oneLine(gate), shrinks: true },
      { title: 'USED', value: ({ used }) => String(used), align: 'right' },
      { title: 'LIMIT', value: ({ limit }) => limitText(limit), align: 'right' },
      { title: 'WAITING', value: ({ waiting }) => String(waiting), align: 'right' },
      { title: 'FOR', value: ({ oldestWaitMs }) => (oldestWaitMs === null ? '' : durationText(oldestWaitMs)) },
      { title: 'FREE', value: ({ freeAt }) => (freeAt === null ? '' : relativeText(freeAt, Date.now())) },
      {
        title: 'FIRST',
        value: ({ waiters: [first] }) => (first === undefined ? '' : oneLine(first.name)),
        shrinks: true,
      },
      { title: 'SET', value: setText, shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
}

/** Who waits at the gate: place, task, tree and wait. */
function showWaiters(output: Output, { gate, waiting, waiters }: GateReport): void {
  if (waiters.length === 0) return;
  output.line('');
  const lines = tableLines(
    waiters,
    [
      { title: 'PLACE', value: ({ place }) => String(place), align: 'right' },
      { title: 'TASK', value: ({ name }) => oneLine(name), shrinks: true },
      { title: 'TREE', value: ({ treeName }) => oneLine(treeName), shrinks: true },
      { title: 'USER', value: ({ userId }) => oneLine(userId), shrinks: true },
      { title: 'FOR', value: ({ waitMs }) => (waitMs === null ? '' : durationText(waitMs)) },
      { title: 'ID', value: ({ taskId }) => taskId },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
  if (waiting > waiters.length) output.note(`${waiting - waiters.length} more wait at ${oneLine(gate)}.`);
}

function limitText(limit: number | null): string {
  return limit === null ? 'any' : String(limit);
}

function setText({ set, configured }: GateReport): string {
  if (set === null) return '';
  const why = set.reason === null ? '' : `: ${oneLine(set.reason)}`;
  const who = `${oneLine(actorText(set.by))}, ${relativeText(set.since, Date.now())}`;
  return `${who}, was ${limitText(configured)}${why}`;
}

function changeText({ gate, limit, by, at, reason }: Result<'limits.history'>['items'][number]): string {
  const why = reason === null ? '' : ` · ${oneLine(reason)}`;
  return `${oneLine(gate)} ${limit} · ${oneLine(actorText(by))}, ${relativeText(at, Date.now())}${why}`;
}

/** `coppice limits [set | reset]`: what starts have to pass, who waits there, and how much may pass. */
import {
  actorText,
  breakerText,
  durationText,
  LIMIT_FORMS,
  parseLimit,
  rateText,
  relativeText,
  setLimitText,
} from '@coppice/client';
import type { Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import type { Output } from '../output/output.ts';
import { UsageError } from '../output/report-error.ts';
import { tableLines } from '../output/table.ts';

type GateReport = Result<'limits.get'>['items'][number];

export interface LimitsOptions {
  readonly limit?: number;
}

export interface SetLimitOptions {
  readonly reason?: string;
  readonly burst?: number;
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
  { gate, limit: text }: { readonly gate: string; readonly limit: string },
  { reason, burst }: SetLimitOptions,
): Promise<void> {
  const limit = parseLimit(burst === undefined ? text : `${text} burst ${burst}`);
  if (limit === undefined) throw new UsageError(`'${text}' is no limit: it must be ${LIMIT_FORMS}.`);
  const { client } = await open('write');
  const answer = await client.limits.set({ gate, limit, ...(reason === undefined ? {} : { reason }) });
  if (output.isJson) {
    output.json(answer);
    return;
  }
  if (!answer.changed) output.note('Nothing has changed: it was so already.');
  show(output, answer.items);
}

export async function reset(
  { output, open }: CommandContext,
  gate: string,
  { reason }: { readonly reason?: string },
): Promise<void> {
  const { client } = await open('write');
  const answer = await client.limits.reset({ gate, ...(reason === undefined ? {} : { reason }) });
  if (output.isJson) {
    output.json(answer);
    return;
  }
  if (!answer.changed) output.note('Nothing has changed: the breaker was closed already.');
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
      { title: 'LIMIT', value: ({ limit, rate }) => limitText(limit, rate), align: 'right' },
      { title: 'WAITING', value: ({ waiting }) => String(waiting), align: 'right' },
      { title: 'FOR', value: waitText },
      { title: 'FREE', value: ({ freeAt }) => (freeAt === null ? '' : relativeText(freeAt, Date.now())) },
      {
        title: 'FIRST',
        value: ({ waiters: [first] }) => (first === undefined ? '' : oneLine(first.name)),
        shrinks: true,
      },
      { title: 'STATE', value: stateText, shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
}

function waitText({ oldestWaitMs, starving }: GateReport): string {
  if (oldestWaitMs === null) return '';
  return `${durationText(oldestWaitMs)}${starving === 0 ? '' : ', starving'}`;
}

/** What the gate has let pass, and who waits there: place, task, tree and wait. */
function showWaiters(output: Output, { gate, waiting, waiters, stats }: GateReport): void {
  output.line('');
  output.line(`${oneLine(gate)}: ${statsText(stats)}`);
  if (waiters.length === 0) return;
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

/** `310 starts, 40 waited (≤10ms 4, ≤1s 30, more 6), 5.2s at most`. */
function statsText({ starts, waits, longestMs, refused, histogram }: GateReport['stats']): string {
  const more = refused === 0 ? '' : `; ${refused} refused`;
  if (waits === 0) return `${starts} starts, none waited${more}`;
  const parts = histogram
    .filter((part) => part.waits > 0)
    .map(({ upToMs, waits: count }) => `${upToMs === null ? 'more' : `≤${durationText(upToMs)}`} ${count}`);
  return `${starts} starts, ${waits} waited (${parts.join(', ')}), ${durationText(longestMs)} at most${more}`;
}

function limitText(limit: number | null, rate: GateReport['rate']): string {
  if (rate !== null) return rateText(rate);
  return limit === null ? 'any' : String(limit);
}

function stateText({ set, configured, configuredRate, breaker }: GateReport): string {
  if (breaker !== null) return breakerText(breaker);
  if (set === null) return '';
  const why = set.reason === null ? '' : `: ${oneLine(set.reason)}`;
  const who = `${oneLine(actorText(set.by))}, ${relativeText(set.since, Date.now())}`;
  return `${who}, was ${limitText(configured, configuredRate)}${why}`;
}

type LimitEvent = Result<'limits.history'>['items'][number];

function changeText({ gate, limit, type, opening, by, at, reason }: LimitEvent): string {
  const why = reason === null ? '' : ` · ${oneLine(reason)}`;
  const failed = opening === null ? '' : `, ${opening.failures} of ${opening.calls} failed`;
  const what = `${limit === null ? BREAKER_EVENTS[type] : setLimitText(limit)}${failed}`;
  const who = by === null ? '' : `${oneLine(actorText(by))}, `;
  return `${oneLine(gate)} ${what} · ${who}${relativeText(at, Date.now())}${why}`;
}

const BREAKER_EVENTS: Readonly<Record<LimitEvent['type'], string>> = {
  LimitSet: 'set',
  BreakerOpened: 'opened',
  BreakerHalfOpened: 'half-opened',
  BreakerClosed: 'closed',
};

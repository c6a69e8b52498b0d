/** `coppice hold|release|holds`: what is kept from starting while something is maintained. */
import type { Hold, Params, Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { holdText } from '../live/hold-text.ts';
import type { Output } from '../output/output.ts';
import { symbolOf } from '../output/theme.ts';

export interface HoldOptions {
  readonly executor?: string;
  readonly tag?: string;
  readonly reason?: string;
}

export async function hold({ output, open }: CommandContext, options: HoldOptions): Promise<void> {
  const { client } = await open('write');
  showChange(output, await client.holds.set(paramsOf(options)));
}

export async function release({ output, open }: CommandContext, options: HoldOptions): Promise<void> {
  const { client } = await open('write');
  showChange(output, await client.holds.release(paramsOf(options)));
}

export async function holds(
  { output, open }: CommandContext,
  { history }: { readonly history?: boolean },
): Promise<void> {
  const { client } = await open('read');
  if (history === true) {
    const { items } = await client.holds.history({ limit: 1_000 });
    if (output.isJson) output.json({ items });
    else
      for (const { type, ...item } of items)
        output.line(`${type === 'HoldSet' ? 'set     ' : 'released'} ${holdText({ ...item, since: item.at })}`);
    return;
  }
  const { items } = await client.holds.list({});
  if (output.isJson) output.json({ items });
  else showHolds(output, items);
}

function paramsOf({ executor, tag, reason }: HoldOptions): Params<'holds.set'> {
  const why = reason === undefined ? {} : { reason };
  if (executor !== undefined) return { executor, ...why };
  return tag === undefined ? why : { tag, ...why };
}

function showChange(output: Output, answer: Result<'holds.set'>): void {
  if (output.isJson) {
    output.json(answer);
    return;
  }
  if (!answer.changed) output.note('Nothing has changed: it was so already.');
  showHolds(output, answer.items);
}

function showHolds(output: Output, items: readonly Hold[]): void {
  if (items.length === 0) output.line('Nothing is held.');
  for (const item of items) output.line(`${symbolOf('paused')} ${holdText(item)}`);
}

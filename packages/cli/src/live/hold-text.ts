/** Holds in words, and the note for who watches a run that a hold may keep from getting on. */
import { actorText, relativeText, type Client } from '@coppice/client';
import type { Hold } from '@coppice/protocol';
import colors from 'picocolors';
import { COPPICE } from '../output/command-name.ts';
import type { Output } from '../output/output.ts';
import { oneLine } from './task-text.ts';

/** `executor http · ann, from the terminal, 5m ago · maintenance`. */
export function holdText({ target, by, since, reason }: Pick<Hold, 'target' | 'by' | 'since' | 'reason'>): string {
  const what = target.of === 'everything' ? 'everything' : `${target.of} ${oneLine(target.name)}`;
  const who = colors.dim(`${oneLine(actorText(by))}, ${relativeText(since, Date.now())}`);
  return [what, who, ...(reason === null ? [] : [oneLine(reason)])].join(' · ');
}

function flagOf({ target }: Hold): string {
  return target.of === 'everything' ? '' : ` --${target.of} ${oneLine(target.name)}`;
}

/** Tells who watches a run that a hold may keep it from getting on. */
export async function noteHolds(client: Client, output: Output): Promise<void> {
  const { items } = await client.holds.list({}).catch(() => ({ items: [] }));
  for (const item of items) output.note(`Held: ${holdText(item)}. End that with: ${COPPICE} release${flagOf(item)}`);
}

/** What is held, in words. */
import { actorText } from '@coppice/client';
import type { Hold, Params } from '@coppice/protocol';
import { oneLine } from './status-look.ts';

/** `everything`, `executor http`, `tag nightly`. */
export function heldWhat({ target }: Pick<Hold, 'target'>): string {
  return target.of === 'everything' ? 'everything' : `${target.of} ${oneLine(target.name)}`;
}

/** `Held: executor http, by ann, from the terminal, since 11/30/26, 2:03 PM: maintenance`. */
export function holdText(hold: Hold): string {
  const since = new Date(hold.since).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' });
  const text = `Held: ${heldWhat(hold)}, by ${oneLine(actorText(hold.by))}, since ${since}`;
  return hold.reason === null || hold.reason === '' ? text : `${text}: ${oneLine(hold.reason)}`;
}

/** What a hold is released with. */
export function releaseParams({ target }: Pick<Hold, 'target'>): Params<'holds.release'> {
  if (target.of === 'everything') return {};
  return target.of === 'executor' ? { executor: target.name } : { tag: target.name };
}

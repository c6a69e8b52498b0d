/** `coppice waits link`: a page on which one wait can be answered by whoever has its address. */
import { parseDuration } from '@coppice/definition';
import type { CommandContext } from '../context.ts';
import { COPPICE } from '../output/command-name.ts';
import { UsageError } from '../output/report-error.ts';

export interface LinkOptions {
  /** A duration text. */
  readonly expires?: string;
  readonly name?: string;
}

export async function link(context: CommandContext, reference: string, options: LinkOptions): Promise<void> {
  const { expires, name } = options;
  const expiresInMs = expires === undefined ? undefined : parseDuration(expires);
  if (expires !== undefined && expiresInMs === undefined)
    throw new UsageError(`--expires: expected a duration such as 2d or 12h, not '${expires}'.`);
  const { client, task, place } = await context.open('write');
  if (!URL.canParse(place) || !place.startsWith('http'))
    throw new UsageError(`A link is to a page of a server, and none is running here. Start one with: ${COPPICE} serve`);
  const { path, expiresAt } = await client.waits.link({
    taskId: await task(reference),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
    ...(name === undefined ? {} : { name }),
  });
  const url = `${place.replace(/\/+$/, '')}${path}`;
  if (context.output.isJson) context.output.json({ url, expiresAt });
  else {
    context.output.line(url);
    context.output.note(`Whoever has this link may answer, until ${expiresAt}.`);
  }
}

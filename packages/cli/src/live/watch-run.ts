/** Watches a run to its end: a live tree in a terminal, a line per happening elsewhere, the events with `--json`. */
import type { Client } from '@coppice/client';
import type { Output } from '../output/output.ts';
import { eventLine } from './event-line.ts';
import { noteHolds } from './hold-text.ts';
import { renderFrame, renderOutcome } from './render.ts';
import type { Frame } from './render.ts';
import { applyEvent, createRunView, estimateOf } from '@coppice/client';
import type { RunView } from '@coppice/client';

export interface WatchOptions {
  readonly client: Client;
  readonly treeId: string;
  readonly output: Output;
  /** Show only what comes after this event. Default 0. */
  readonly afterSeq?: number;
  /** Answers the text below a live tree; called for each frame. */
  readonly notice?: () => string | undefined;
  /** Ends the watching. The run goes on. */
  readonly signal?: AbortSignal;
}

const FRAME_MS = 80;
const COLUMNS = 80;
const ROWS = 24;

/** Answers the run at its end, or at the end of the watching. */
export async function watchRun(options: WatchOptions): Promise<RunView> {
  const view = createRunView();
  await noteHolds(options.client, options.output);
  if (options.output.isJson) await watchAsJson(view, options);
  else if (options.output.isInteractive) await watchLive(view, options);
  else await watchAsLines(view, options);
  return view;
}

async function watchAsJson(view: RunView, options: WatchOptions): Promise<void> {
  for await (const event of follow(options)) {
    applyEvent(view, event);
    if (event.seq > (options.afterSeq ?? 0)) options.output.json(event, true);
  }
}

async function watchAsLines(view: RunView, options: WatchOptions): Promise<void> {
  for await (const event of follow(options)) {
    const task = applyEvent(view, event);
    if (event.seq <= (options.afterSeq ?? 0)) continue;
    const line = eventLine(view, event, task);
    if (line !== undefined) options.output.line(line);
  }
  if (view.endedAtMs !== undefined)
    for (const line of renderOutcome(view, { nowMs: Date.now() })) options.output.line(line);
}

async function watchLive(view: RunView, options: WatchOptions): Promise<void> {
  // Only terminals need it.
  const { createLogUpdate } = await import('log-update');
  const screen = createLogUpdate(process.stdout);
  const draw = (notice?: string): void => screen(renderFrame(view, { ...frameNow(), notice }).join('\n'));
  const timer = setInterval(() => draw(options.notice?.()), FRAME_MS);
  try {
    for await (const event of follow(options, view)) applyEvent(view, event);
  } finally {
    clearInterval(timer);
    draw();
    screen.done();
  }
  if (view.endedAtMs !== undefined)
    for (const line of ['', ...renderOutcome(view, frameNow())]) options.output.line(line);
}

/** All events from the first: what is shown needs the whole fold. */
function follow(options: WatchOptions, view?: RunView): ReturnType<Client['follow']> {
  return options.client.follow(options.treeId, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (progress) => {
      if (view !== undefined) view.eta = estimateOf(progress, Date.now());
    },
  });
}

function frameNow(): Frame {
  const { isTTY, columns, rows } = process.stdout;
  return { nowMs: Date.now(), columns: isTTY ? columns : COLUMNS, rows: isTTY ? rows : ROWS };
}

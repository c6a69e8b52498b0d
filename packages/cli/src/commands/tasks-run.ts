/** `coppice tasks execute|retry|watch`: runs, begun again or only looked at. */
import type { Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { watchRun } from '../live/watch-run.ts';
import { ExitCode, exitCodeOf } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import type { Session } from '../session/session.ts';
import { attendRun } from './attended-run.ts';
import { givenInputs } from './given-inputs.ts';
import type { InputOptions } from './given-inputs.ts';
import { UsageError } from '../output/report-error.ts';
import type { BulkOptions } from '../program-filter.ts';
import { COPPICE } from '../output/command-name.ts';

export interface ExecuteOptions extends InputOptions {
  /** Stays and watches a run of a server. A local run is always watched, since it needs this process. */
  readonly watch?: boolean;
  readonly copy?: boolean;
}

export async function execute(
  context: CommandContext,
  references: readonly string[],
  options: ExecuteOptions,
): Promise<number> {
  if (options.copy === true && references.length > 1)
    throw new UsageError('--copy copies one task and what it needs. Give one id, or leave --copy out.');
  const inputs = await givenInputs(options);
  const session = await context.open('run');
  const taskIds: string[] = [];
  for (const reference of references) taskIds.push(await session.task(reference));
  const [taskId = ''] = taskIds;
  const run = inputs === undefined ? {} : { inputs };
  const started = await session.client.tasks.execute(
    taskIds.length > 1 ? { taskIds, ...run } : { taskId, ...run, ...(options.copy === true ? { copy: {} } : {}) },
  );
  return afterStart({ context, session, started, isWatched: options.watch === true, afterSeq: 0 });
}

export interface RetryOptions extends InputOptions, BulkOptions {
  readonly mode?: 'failure' | 'start' | 'task';
  readonly withoutDependents?: boolean;
  readonly watch?: boolean;
}

export async function retry(
  context: CommandContext,
  reference: string | undefined,
  options: RetryOptions,
): Promise<number> {
  const { bulkOf, runBulk } = await import('./tasks-bulk.ts');
  const bulk = await bulkOf(reference === undefined ? [] : [reference], { action: 'retry', options });
  if (bulk !== undefined) return runBulk(context, { ...bulk, ...bulkMode(options) }, options);
  const inputs = await givenInputs(options);
  const session = await context.open('run');
  const taskId = await session.task(reference as string);
  const { tree } = await session.client.tasks.get({ taskId });
  const started = await session.client.tasks.retry({
    taskId,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(options.withoutDependents === true ? { cascade: false } : {}),
  });
  return afterStart({ context, session, started, isWatched: options.watch === true, afterSeq: tree?.seq ?? 0 });
}

/** The mode of a retry of whole trees, which has none of the other options. */
function bulkMode(options: RetryOptions): { readonly mode?: 'failure' | 'start' } {
  const { mode, input, inputs, withoutDependents, watch } = options;
  if (mode === 'task') throw new UsageError('--mode task needs the id of a task; a filter selects whole trees.');
  if ([input, inputs, withoutDependents, watch].some((option) => option !== undefined)) {
    throw new UsageError('With a filter, --input, --inputs, --without-dependents and --watch have no meaning.');
  }
  return mode === undefined ? {} : { mode };
}

interface StartedRun {
  readonly context: CommandContext;
  readonly session: Session;
  readonly started: Result<'tasks.execute'>;
  readonly isWatched: boolean;
  readonly afterSeq: number;
}

async function afterStart({ context, session, started, isWatched, afterSeq }: StartedRun): Promise<number> {
  const { output } = context;
  const { treeId } = started;
  if (session.isLocal) return attendRun({ session, treeId, output, afterSeq });
  if (isWatched) return watchToEnd({ context, session, treeId, afterSeq });
  if (output.isJson) output.json(started);
  else {
    output.line(`${symbolOf(started.status)} ${treeId}`);
    output.note(`Watch it with: ${COPPICE} tasks watch ${treeId}`);
  }
  return ExitCode.Ok;
}

export async function watch(context: CommandContext, reference: string): Promise<number> {
  const session = await context.open('watch');
  const treeId = await session.tree(reference);
  return watchToEnd({ context, session, treeId, afterSeq: 0 });
}

interface WatchedRun {
  readonly context: CommandContext;
  readonly session: Session;
  readonly treeId: string;
  readonly afterSeq: number;
}

/** Ctrl-C ends the watching; the run goes on where it is. */
async function watchToEnd({ context, session, treeId, afterSeq }: WatchedRun): Promise<number> {
  const stop = new AbortController();
  const leave = (): void => stop.abort();
  process.once('SIGINT', leave);
  try {
    const { status } = await watchRun({
      client: session.client,
      treeId,
      output: context.output,
      afterSeq,
      signal: stop.signal,
      notice: () => (session.client.state === 'live' ? undefined : 'The connection is lost; trying again …'),
    });
    if (!stop.signal.aborted) return exitCodeOf(status);
    context.output.note(`No longer watching; the run goes on. Watch it again with: ${COPPICE} tasks watch ${treeId}`);
    return ExitCode.Cancelled;
  } finally {
    process.off('SIGINT', leave);
  }
}

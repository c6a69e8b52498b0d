/** `coppice tasks create|copy|update|cancel|delete`: changes that run nothing. */
import { RpcError } from '@coppice/client';
import { parseDuration } from '@coppice/definition';
import type { Params, Result } from '@coppice/protocol';
import { isMap, parseYaml } from './given-inputs.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { UsageError } from '../output/report-error.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import type { BulkOptions } from '../program-filter.ts';
import { folderOf, readDefinition, showProblems } from './read-definition.ts';
import type { UseOutsideOption } from './read-used-files.ts';
import { showTask, showTree } from './tree-answer.ts';
import { COPPICE } from '../output/command-name.ts';

export interface CreateOptions extends UseOutsideOption {
  /** commander's form of `--keep-ids`. */
  readonly keepIds?: boolean;
  readonly idempotencyKey?: string;
}

export async function create(context: CommandContext, file: string, options: CreateOptions): Promise<number> {
  const { output, open } = context;
  const definition = await readDefinition(context, file, options);
  if (definition === undefined) return ExitCode.Usage;
  const { client } = await open('write');
  const { idempotencyKey } = options;
  try {
    const tree = await client.tasks.create({
      ...definition.params,
      ...folderOf(context, file),
      reidentify: options.keepIds !== true,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    if (output.isJson) output.json(tree);
    else {
      showTree(tree, output);
      output.note(`Run it with: ${COPPICE} tasks execute ${tree.id}`);
    }
    return ExitCode.Ok;
  } catch (error) {
    if (!RpcError.is(error) || error.errors.length === 0) throw error;
    showProblems(file, definition.problemsOf(error.errors), output);
    return ExitCode.Usage;
  }
}

export interface CopyOptions {
  readonly mode?: 'minimal' | 'full' | 'custom';
  readonly task?: readonly string[];
  readonly withoutDependents?: boolean;
  readonly user?: string;
  readonly preview?: boolean;
}

export async function copy({ output, open }: CommandContext, reference: string, options: CopyOptions): Promise<void> {
  const { client, task: find } = await open(options.preview === true ? 'read' : 'write');
  const taskId = await find(reference);
  const taskIds = options.task === undefined ? undefined : await Promise.all(options.task.map(find));
  const answer = await client.tasks.copy({
    taskId,
    save: options.preview !== true,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(taskIds === undefined ? {} : { taskIds }),
    ...(options.withoutDependents === true ? { includeDependents: false } : {}),
    ...(options.user === undefined ? {} : { userId: options.user }),
  });
  if (output.isJson || Array.isArray(answer)) {
    output.json(answer);
    return;
  }
  showTree(answer, output);
  output.note(`Run it with: ${COPPICE} tasks execute ${answer.id}`);
}

export interface UpdateOptions {
  readonly name?: string;
  readonly priority?: number;
  /** YAML or JSON of a patch: inputs, policies, tags, metadata, dependencies. */
  readonly patch?: string;
}

export async function update(
  { output, open }: CommandContext,
  reference: string,
  options: UpdateOptions,
): Promise<void> {
  const given: unknown = options.patch === undefined ? {} : await parseYaml(options.patch, '--patch');
  if (!isMap(given)) throw new UsageError('--patch: expected a map, for example --patch "inputs: {url: http://x}".');
  const patch: Params<'tasks.update'>['patch'] = {
    ...given,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
  };
  if (Object.keys(patch).length === 0) throw new UsageError('Nothing to change. Give --name, --priority or --patch.');
  const { client, task: find } = await open('write');
  const task = await client.tasks.update({ taskId: await find(reference), patch });
  if (output.isJson) output.json(task);
  else showTask(task, output);
}

export interface CancelOptions extends BulkOptions {
  readonly reason?: string;
  readonly force?: boolean;
}

/** One answer per id or tree; fails if any was refused. */
export async function cancel(
  context: CommandContext,
  references: readonly string[],
  options: CancelOptions,
): Promise<number> {
  const { output, open } = context;
  const { reason, force } = options;
  const how = { ...(reason === undefined ? {} : { reason }), ...(force === undefined ? {} : { force }) };
  const { bulkOf, runBulk } = await import('./tasks-bulk.ts');
  const bulk = await bulkOf(references, { action: 'cancel', options, details: how });
  if (bulk !== undefined) return runBulk(context, bulk, options);
  const { client, task: find } = await open('write');
  // All tasks are found before the first is cancelled, so that "latest" means the same tree for all.
  const taskIds = await Promise.all(references.map(find));
  const { items } = await client.tasks.cancel({ taskIds, ...how });
  if (output.isJson) output.json({ items });
  else {
    for (const item of items) {
      if (item.ok) output.line(`${symbolOf('cancelled')} ${item.taskId}`);
      else output.line(`${symbolOf('failed')} ${item.taskId}: ${item.error.message} (${item.error.code})`);
    }
  }
  return items.every((item) => item.ok) ? ExitCode.Ok : ExitCode.Failed;
}

export interface PauseOptions {
  readonly reason?: string;
  readonly force?: boolean;
  /** A duration text. */
  readonly drainTimeout?: string;
}

/** Pauses a run, or a task with its sub-tree. */
export async function pause(context: CommandContext, reference: string, options: PauseOptions): Promise<void> {
  const { reason, force, drainTimeout } = options;
  const drainTimeoutMs = drainTimeout === undefined ? undefined : parseDuration(drainTimeout);
  if (drainTimeout !== undefined && drainTimeoutMs === undefined)
    throw new UsageError(`--drain-timeout: expected a duration such as 30s or 1h30m, not '${drainTimeout}'.`);
  const { client, task: find } = await context.open('write');
  const answer = await client.tasks.pause({
    taskId: await find(reference),
    ...(reason === undefined ? {} : { reason }),
    ...(force === undefined ? {} : { force }),
    ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
  });
  showPause(context, answer);
}

/** Ends the pause of exactly this task, or of the run. */
export async function resume(
  context: CommandContext,
  reference: string,
  { reason }: Pick<PauseOptions, 'reason'>,
): Promise<void> {
  const { client, task: find, isLocal } = await context.open('write');
  const taskId = await find(reference);
  const answer = await client.tasks.resume({ taskId, ...(reason === undefined ? {} : { reason }) });
  showPause(context, answer);
  // No process executes it: this one only notes in the store that it may go on.
  if (isLocal && answer.status === 'running') context.output.note(`Go on with: ${COPPICE} resume`);
}

function showPause({ output }: CommandContext, answer: Result<'tasks.pause'>): void {
  const { treeId, status, paused } = answer;
  if (output.isJson) output.json(answer);
  else
    output.line(
      `${symbolOf(paused ?? status)} ${paused ?? 'not paused'} · the run of ${treeId} is ${statusText(status)}`,
    );
}

export async function remove(
  context: CommandContext,
  reference: string | undefined,
  options: BulkOptions,
): Promise<number> {
  const { output, open } = context;
  const { bulkOf, runBulk } = await import('./tasks-bulk.ts');
  const bulk = await bulkOf(reference === undefined ? [] : [reference], { action: 'delete', options });
  if (bulk !== undefined) return runBulk(context, bulk, options);
  const { client, task: find } = await open('write');
  const { deleted } = await client.tasks.delete({ taskId: await find(reference as string) });
  if (output.isJson) output.json({ deleted });
  else output.line(`${symbolOf('completed')} Deleted ${deleted} ${deleted === 1 ? 'task' : 'tasks'}.`);
  return ExitCode.Ok;
}

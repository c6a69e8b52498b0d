/** `coppice tasks complete|skip`: a person ends a task in the place of its executor. */
import type { Json, Result } from '@coppice/protocol';
import type { CommandContext } from '../context.ts';
import { COPPICE } from '../output/command-name.ts';
import { statusText, symbolOf } from '../output/theme.ts';
import { parseYaml } from './given-inputs.ts';

export interface CompleteOptions {
  /** YAML or JSON. */
  readonly output?: string;
  readonly port?: string;
  readonly reason?: string;
}

export async function complete(context: CommandContext, reference: string, options: CompleteOptions): Promise<void> {
  const { output, port, reason } = options;
  const value = output === undefined ? null : ((await parseYaml(output, '--output')) as Json);
  const { client, task: find, isLocal } = await context.open('write');
  const answer = await client.tasks.complete({
    taskId: await find(reference),
    output: value,
    ...(port === undefined ? {} : { port }),
    ...(reason === undefined ? {} : { reason }),
  });
  show(context, answer, { status: 'completed', isLocal });
}

export async function skip(
  context: CommandContext,
  reference: string,
  { reason }: Pick<CompleteOptions, 'reason'>,
): Promise<void> {
  const { client, task: find, isLocal } = await context.open('write');
  const answer = await client.tasks.skip({
    taskId: await find(reference),
    ...(reason === undefined ? {} : { reason }),
  });
  show(context, answer, { status: 'skipped', isLocal });
}

interface Shown {
  readonly status: 'completed' | 'skipped';
  readonly isLocal: boolean;
}

function show({ output }: CommandContext, answer: Result<'tasks.complete'>, { status, isLocal }: Shown): void {
  const { treeId, tasks } = answer;
  if (output.isJson) output.json(answer);
  else {
    const more = tasks === 1 ? '' : `, with ${tasks - 1} tasks in it that are skipped`;
    output.line(`${symbolOf(status)} ${status} by hand${more} · the run of ${treeId} is ${statusText(answer.status)}`);
  }
  // No process executes it: this one only notes in the store what the task ended with.
  if (isLocal && answer.status === 'running') output.note(`Go on with: ${COPPICE} resume`);
}

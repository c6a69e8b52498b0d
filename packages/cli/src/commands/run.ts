/** `coppice run`: creates a tree from a file and executes it in this process, durably. */
import type { RunPolicies } from '@coppice/protocol';
import { RpcError } from '@coppice/client';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { attendRun } from './attended-run.ts';
import { givenInputs } from './given-inputs.ts';
import type { InputOptions } from './given-inputs.ts';
import { readDefinition, showProblems } from './read-definition.ts';

export interface RunOptions extends InputOptions {
  /** Tasks that may execute at once. */
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly keepGoing?: boolean;
}

export async function run({ output, open }: CommandContext, file: string, options: RunOptions): Promise<number> {
  const definition = await readDefinition(file, output);
  if (definition === undefined) return ExitCode.Usage;
  const inputs = await givenInputs(options);
  const { params } = definition;
  const submission = {
    ...params,
    policies: { ...params.policies, ...policiesOf(options) },
    ...(inputs === undefined ? {} : { inputs: { ...params.inputs, ...inputs } }),
    // The same file runs again and again: its ids are references, the store makes its own.
    reidentify: true,
  };
  const session = await open('run');
  try {
    const { treeId } = await session.client.call('tasks.execute', submission);
    return await attendRun({ session, treeId, output });
  } catch (error) {
    if (!RpcError.is(error) || error.errors.length === 0) throw error;
    showProblems(file, definition.problemsOf(error.errors), output);
    return ExitCode.Usage;
  }
}

function policiesOf(options: RunOptions): RunPolicies {
  return {
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.failFast === true ? { onFailure: 'failFast' as const } : {}),
    ...(options.keepGoing === true ? { onFailure: 'finishIndependent' as const } : {}),
  };
}

/** `coppice run`: creates a tree from a file and executes it in this process, durably. */
import type { Params, RunPolicies } from '@coppice/protocol';
import { randomUUID } from 'node:crypto';
import { ConnectionError, RpcError } from '@coppice/client';
import type { CommandContext, CommandSession } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { chooseReporters } from '../report/reporters.ts';
import { attendRun } from './attended-run.ts';
import { chosenTasks } from './chosen-tasks.ts';
import { openPrompt } from './ask-fields.ts';
import { askInputs } from './ask-inputs.ts';
import { givenInputs } from './given-inputs.ts';
import type { InputOptions } from './given-inputs.ts';
import { folderOf, readDefinition, showProblems } from './read-definition.ts';
import type { UseOutsideOption } from './read-used-files.ts';
import { showPlan } from './show-plan.ts';
import { namesIn } from '../session/surroundings.ts';

type Submission = Extract<Params<'tasks.execute'>, { readonly tasks: unknown }>;

export interface RunOptions extends InputOptions, UseOutsideOption {
  /** Tasks that may execute at once. */
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly keepGoing?: boolean;
  /** Show what would run, and in which order. */
  readonly dryRun?: boolean;
  /** `junit`, `junit=FILE`, `github`. */
  readonly reporter?: readonly string[];
}

/** `names`: the tasks that shall run; empty: all. */
export async function run(
  context: CommandContext,
  { file, names }: { readonly file: string; readonly names: readonly string[] },
  options: RunOptions,
): Promise<number> {
  const { output } = context;
  const definition = await readDefinition(context, file, options);
  if (definition === undefined) return ExitCode.Usage;
  const { params } = definition;
  const declared = params.declares?.inputs ?? {};
  const given = await givenInputs(options, declared);
  const isAsked = process.stdin.isTTY && process.stderr.isTTY && !output.isJson;
  const inputs = isAsked ? await askInputs(declared, { ...params.inputs, ...given }, openPrompt) : given;
  const only = chosenTasks(definition, names);
  const reporters = chooseReporters(options.reporter ?? [], definition, output.isJson);
  const submission = {
    ...params,
    ...folderOf(context, file),
    policies: { ...params.policies, ...policiesOf(options) },
    ...(inputs === undefined ? {} : { inputs: { ...params.inputs, ...inputs } }),
    // A file can run many times, so its ids are only references. The store makes new ones.
    reidentify: true,
    ...(only === undefined ? {} : { only: [...only] }),
  };
  try {
    if (options.dryRun === true) return await showPlan(context, submission);
    const shown = reporters.ownsOutput ? output.onStandardError() : output;
    return await attendRun({ output: shown, onEnd: reporters.report, ...(await begin(context, submission)) });
  } catch (error) {
    if (!RpcError.is(error) || error.errors.length === 0) throw error;
    showProblems(file, definition.problemsOf(error.errors), output);
    return ExitCode.Usage;
  }
}

interface StartedRun {
  readonly session: CommandSession;
  readonly treeId: string;
}

/** Begins the run here, or in the process that works on the store. If that process ends just then, the run begins here, and the key prevents a second one. */
async function begin({ open }: CommandContext, submission: Submission): Promise<StartedRun> {
  const idempotencyKey = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const session = await open('run', namesIn(submission.tasks));
    try {
      const key = session.isLocal && attempt === 1 ? {} : { idempotencyKey };
      const { treeId } = await session.client.call('tasks.execute', { ...submission, ...key });
      return { session, treeId };
    } catch (error) {
      if (!ConnectionError.is(error) || !session.usesSharedEngine) throw error;
    }
  }
}

function policiesOf(options: RunOptions): RunPolicies {
  return {
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.failFast === true ? { onFailure: 'failFast' as const } : {}),
    ...(options.keepGoing === true ? { onFailure: 'finishIndependent' as const } : {}),
  };
}

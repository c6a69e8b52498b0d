/** What a run ends with, beside its status: the variables after all writes, and the declared outputs. Most runs have neither. */
import type { JsonObject, TaskError } from '@coppice/extension';
import { patchesOf } from '../variables/patches.ts';
import { finalValues } from '../variables/values.ts';
import type { Draft } from './draft.ts';
import type { RunResult } from './event.ts';
import { resolveOutputs } from './resolve-group.ts';
import { unresolved } from './unresolved.ts';

type Ended = Pick<Draft, 'run' | 'context'>;

export function resultData(ended: Ended, outputs?: JsonObject): { readonly result?: RunResult } {
  const variables = variablesOf(ended);
  if (variables === undefined && outputs === undefined) return {};
  return { result: { ...variables, ...(outputs === undefined ? {} : { outputs }) } };
}

/** The outputs of a run that completes. A run of a part of its tree has none: they are made from all of it. */
export function outputsOf({
  run,
  context,
}: Ended): { readonly outputs: JsonObject | undefined } | { readonly fault: TaskError } {
  if (run.selectedCount < run.byId.size) return { outputs: undefined };
  try {
    return { outputs: resolveOutputs({ run, context }) };
  } catch (error) {
    return { fault: unresolved(run.root, { what: 'outputs', code: 'outputs/unresolved', error }) };
  }
}

function variablesOf({ run, context }: Ended): RunResult | undefined {
  const patches = patchesOf(run);
  const writers = patches?.all();
  if (patches === undefined || writers === undefined) return undefined;
  try {
    const { variables, conflicts } = finalValues(writers, { run, merges: context.merges, kept: patches.kept });
    if (conflicts === undefined) return { variables };
    const listed = [...conflicts].map(([variable, tasks]) => ({ variable, tasks: tasks.map(({ id }) => id) }));
    return { variables, conflicts: listed };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

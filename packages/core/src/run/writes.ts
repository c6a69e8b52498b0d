/** What a task that completes writes to variables: the patch of its outcome, then what its `set` says. */
import type { JsonObject, TaskError } from '@coppice/extension';
import { makesOutput } from '../task/group-output.ts';
import { writeProblem } from '../variables/declarations.ts';
import { patchesOf } from '../variables/patches.ts';
import { mergedWrites } from '../variables/values.ts';
import type { CompletedOutcome } from './command.ts';
import { setReadable } from './cut-output.ts';
import { resolveValue } from './resolve-value.ts';
import type { TaskState } from './state.ts';
import { TaskExpressions, type InputContext } from './task-expressions.ts';
import { GroupFault } from './group-fault.ts';
import { memberOutputs } from './task-outputs.ts';
import { unresolved } from './unresolved.ts';

/** Undefined: it writes nothing. */
export type Writes = { readonly patch: JsonObject } | { readonly fault: TaskError } | undefined;

export function writesOf(resolving: InputContext, task: TaskState, outcome: CompletedOutcome): Writes {
  const { set } = task.definition;
  if (outcome.patch === undefined && set === undefined) return undefined;
  const fromSet = set === undefined ? undefined : resolveSet(resolving, task, { set, outcome });
  if (fromSet !== undefined && 'fault' in fromSet) return fromSet;
  const patch = { ...outcome.patch, ...fromSet?.patch };
  const fault = writeFault(resolving.run, task, patch);
  if (fault !== undefined) return { fault };
  return Object.keys(patch).length === 0 ? undefined : { patch };
}

/** Why the task may not write this. Undefined: it may. */
export function writeFault(
  run: Parameters<typeof writeProblem>[1],
  { definition: { name } }: TaskState,
  patch: JsonObject | undefined,
): TaskError | undefined {
  const problem = patch === undefined ? undefined : writeProblem(patch, run);
  if (problem === undefined) return undefined;
  return faultOf(problem.code, `${name} writes a variable, but ${problem.reason}. Mend it in a copy of the tree`);
}

/** What the leaving members of a repetition have written, and those that left before, as one write. Throws a GroupFault. */
export function leftWrites(
  { run, context }: InputContext,
  group: TaskState,
  leaving: readonly TaskState[],
): JsonObject | undefined {
  const patches = patchesOf(run);
  if (patches === undefined) return undefined;
  const writes = patches.writesOf(group, leaving);
  if (writes.length === 0) return undefined;
  try {
    return mergedWrites(writes, { run, merges: context.merges, kept: patches.kept });
  } catch (error) {
    throw new GroupFault('variables/invalid', `${group.definition.name} can not go on: ${(error as Error).message}`);
  }
}

function faultOf(code: string, message: string): TaskError {
  return { code, message, retryable: false };
}

interface Setting {
  readonly set: JsonObject;
  readonly outcome: CompletedOutcome;
}

function resolveSet(resolving: InputContext, task: TaskState, { set, outcome }: Setting): Exclude<Writes, undefined> {
  const isGroup = task.group !== undefined;
  const more: Record<string, never> = {};
  const expressions = new TaskExpressions(task, resolving, { moment: isGroup ? 'end' : 'start', more });
  const isGathered = isGroup && !makesOutput(task.definition) && outcome.output === null;
  const output = isGathered ? memberOutputs(task, expressions) : expressions.reveal(outcome.output, outcome.secrets);
  setReadable(more, 'output', { output, cut: outcome.cut, name: task.definition.name });
  try {
    const { value, references } = expressions.settle(resolveValue(set, expressions));
    const [secret] = references;
    if (secret === undefined) return { patch: value as JsonObject };
    const message = `${task.definition.name} sets a variable to the secret ${secret.name}, which everybody could read; hand it on as output`;
    return { fault: faultOf('variables/secret', message) };
  } catch (error) {
    return { fault: unresolved(task, { what: 'set', code: 'set/unresolved', error }) };
  }
}

/** What tasks hand on: the outputs of dependencies, and of the members of a group. */
import type { Json } from '@coppice/extension';
import { makesOutput } from '../task/group-output.ts';
import { setOwn } from '../task/set-own.ts';
import { setReadable } from './cut-output.ts';
import type { SecretReference } from './secret-reference.ts';
import type { TaskState } from './state.ts';

/** Reads stored values that hold secrets. */
export interface SecretReader {
  readonly reveal: (value: Json, secrets: readonly SecretReference[] | undefined) => Json;
}

/** The outputs of the dependencies that fired, by their reference. The output of a group holds the outputs of its members. */
export function dependencyOutputs(task: TaskState, reader: SecretReader): Record<string, Json> {
  const outputs: Record<string, Json> = {};
  for (const edge of task.incoming) {
    if (delivers(task, edge)) setOwn(outputs, edge.dependency.ref, outputOf(edge.source, reader));
  }
  return outputs;
}

/** The same for expressions: reading a cut text throws. */
export function readableOutputs(task: TaskState, reader: SecretReader): Record<string, Json> {
  const outputs: Record<string, Json> = {};
  for (const edge of task.incoming) {
    if (!delivers(task, edge)) continue;
    setGuarded(outputs, edge.dependency.ref, { task: edge.source, output: outputOf(edge.source, reader, setGuarded) });
  }
  return outputs;
}

/** Puts an output into a scope. */
type SetOutput = (
  into: Record<string, Json>,
  key: string,
  of: { readonly task: TaskState; readonly output: Json },
) => void;

const setPlain: SetOutput = (into, key, { output }) => setOwn(into, key, output);

export const setGuarded: SetOutput = (into, key, { task, output }) => {
  if (task.cut === undefined) setOwn(into, key, output);
  else setReadable(into, key, { output, cut: task.cut, name: task.definition.name });
};

export type Incoming = TaskState['incoming'][number];

export function delivers(task: TaskState, edge: Incoming): boolean {
  if (edge.status !== 'fired') return false;
  return task.definition.join !== 'any' || task.winner === edge.source.id;
}

/** The output of a task. A group delivers the outputs of its children by key; a failed task delivers its error (R-RO-13). */
export function outputOf(task: TaskState, reader: SecretReader, set = setPlain): Json {
  if (task.status === 'failed') return { error: (task.error ?? null) as Json, attempts: task.attempt };
  return hasOwnOutput(task) ? reader.reveal(task.output, task.outputSecrets) : memberOutputs(task, reader, set);
}

/** The output of a group that has none of its own: the outputs of its children by key, of copies a list, of a repetition that of the last copy. */
export function memberOutputs(task: TaskState, reader: SecretReader, set = setGuarded): Json {
  const isPlain = task.definition.multiplier === undefined;
  const { output, rest } = isPlain ? { output: {}, rest: task } : gather(task, reader);
  const stack = rest === undefined ? [] : [{ group: rest, into: output as Record<string, Json> }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const [index, member] of top.group.children.entries()) {
      const gathered = gather(member, reader);
      // A list is an object whose keys are numbers.
      const { ref, key: keyOf } = member.definition;
      const key = isListOf(top.group) ? String(index) : (ref ?? keyOf);
      set(top.into, key, { task: gathered.task, output: gathered.output });
      if (gathered.rest !== undefined)
        stack.push({ group: gathered.rest, into: gathered.output as Record<string, Json> });
    }
  }
  return output;
}

/** A task's own output; or an empty one, and the group whose children are still to be put into it. `task`: where the output comes from. */
function gather(
  from: TaskState,
  reader: SecretReader,
): { readonly task: TaskState; readonly output: Json; readonly rest?: TaskState } {
  let task = from;
  while (!hasOwnOutput(task) && task.definition.multiplier?.repeat !== undefined) {
    const last = task.children.at(-1);
    if (last === undefined) return { task, output: null };
    task = last;
  }
  if (hasOwnOutput(task)) return { task, output: reader.reveal(task.output, task.outputSecrets) };
  return { task, output: isListOf(task) ? [] : {}, rest: task };
}

function isListOf({ definition }: TaskState): boolean {
  return definition.multiplier !== undefined;
}

/** False: the output is gathered from the members. */
function hasOwnOutput({ group, reused, definition, output }: TaskState): boolean {
  if (group === undefined || reused || makesOutput(definition)) return true;
  // What an executor returned beside the tasks that it added stays.
  return definition.executor !== undefined && output !== null;
}

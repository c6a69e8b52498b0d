/** Resolves the inputs of a group when it opens, its output when it ends, and the declared outputs of the run. */
import type { Json, JsonObject } from '@coppice/extension';
import { inputProblems, withDefaults, type Declares } from '../task/declared-inputs.ts';
import { outputRoot } from '../task/group-output.ts';
import { setOwn } from '../task/set-own.ts';
import { GroupFault } from './group-fault.ts';
import { resolveValue } from './resolve-value.ts';
import type { TaskState } from './state.ts';
import { TaskExpressions, type InputContext, type Settled } from './task-expressions.ts';
import { memberOutputs, outputOf, setGuarded } from './task-outputs.ts';

/**
 * The inputs of a group that opens, with where secrets stand in them; undefined: it has none of its own. Throws an Error that names the
 * expression which failed, or a GroupFault when declared inputs get values that do not fit.
 */
export function resolveGroupInputs(resolving: InputContext, group: TaskState): Settled | undefined {
  const { inputs, declares } = group.definition;
  const declared = declares?.inputs;
  if (declared === undefined && isEmpty(inputs)) return undefined;
  const expressions = new TaskExpressions(group, resolving);
  const given = resolveValue(inputs, expressions) as JsonObject;
  if (declared === undefined) return expressions.settle(given);
  const values = withDefaults(declared, given);
  const [first, ...more] = inputProblems(declared, values, { isComplete: true });
  if (first === undefined) return expressions.settle(values);
  const { name } = group.definition;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  const message = `${name} can not open: ${first.reason}${others}. Mend what it is made from, and retry from failure`;
  throw new GroupFault('task/invalid-inputs', expressions.marks.hide(message));
}

function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}

/** The output of a group that ends, by what its definition makes it of. Throws an Error that names the expression which failed. */
export function resolveGroupOutput(resolving: InputContext, group: TaskState): Settled {
  const { outputTemplate, declares } = group.definition;
  if (declares?.outputs !== undefined) {
    const root = outputRoot(group, group.children);
    return makeOutputs(declares.outputs, { group, root, resolving });
  }
  const expressions = new TaskExpressions(group, resolving, { moment: 'end' });
  return expressions.settle(resolveValue(outputTemplate as Json, expressions));
}

/** The declared outputs of a run whose tasks have all ended, secrets hidden. Undefined: none are declared. Throws as `resolveGroupOutput`. */
export function resolveOutputs(resolving: InputContext): JsonObject | undefined {
  const { declares, root } = resolving.run;
  if (declares?.outputs === undefined) return undefined;
  return makeOutputs(declares.outputs, { root, resolving }).value as JsonObject;
}

interface OutputSource {
  /** Whose inputs the expressions read; absent: those of the root. */
  readonly group?: TaskState;
  /** Its members are `deps`, and its output is `output`. */
  readonly root: TaskState;
  readonly resolving: InputContext;
}

function makeOutputs(declared: NonNullable<Declares['outputs']>, source: OutputSource): Settled {
  const { root, group = root, resolving } = source;
  const more: Record<string, Json> = {};
  const expressions = new TaskExpressions(group, resolving, { moment: 'end', root, more });
  // The output of a group that ends is what is being made.
  const isEnding = source.group === root;
  const output = isEnding ? memberOutputs(root, expressions) : outputOf(root, expressions, setGuarded);
  setGuarded(more, 'output', { task: root, output });
  const outputs: Record<string, Json> = {};
  for (const [name, { value }] of Object.entries(declared)) setOwn(outputs, name, resolveValue(value, expressions));
  return expressions.settle(outputs);
}

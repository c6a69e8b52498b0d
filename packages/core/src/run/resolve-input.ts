/** Resolves a task's input when it starts (rule 4) and its idempotency key (R-DR-12); a group's inputs when it opens, its output when it ends. */
import type { Json, JsonObject } from '@coppice/extension';
import { asText } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';
import { noExpressionUse, type ExpressionUse } from '../ports/expressions.ts';
import { parseTemplate } from '../validate/template.ts';
import type { DecideContext } from './command.ts';
import { setReadable } from './cut-output.ts';
import { SecretMarks } from './secret-marks.ts';
import type { SecretReference } from './secret-reference.ts';
import type { RunState, TaskState } from './state.ts';
import { patchesOf, type Patches } from '../variables/patches.ts';
import { readableValues } from '../variables/values.ts';

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
function readableOutputs(task: TaskState, reader: SecretReader): Record<string, Json> {
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

const setGuarded: SetOutput = (into, key, { task, output }) => {
  if (task.cut === undefined) setOwn(into, key, output);
  else setReadable(into, key, { output, cut: task.cut, name: task.definition.name });
};

/** The multiplied task that a copy stands for: the copy reads what that depends on. */
function lenderOf({ definition, parent }: TaskState): TaskState | undefined {
  return definition.given === undefined ? undefined : parent;
}

/** What was given to the copies that the task is part of, the nearest first. */
function givenTo(task: TaskState, reader: SecretReader): JsonObject | undefined {
  let values: Record<string, Json> | undefined;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.scope.owner) {
    const { given } = at.definition;
    if (given === undefined) continue;
    const revealed = reader.reveal(given.values, given.secrets) as JsonObject;
    values = values === undefined ? { ...revealed } : { ...revealed, ...values };
  }
  return values;
}

type Incoming = TaskState['incoming'][number];

function delivers(task: TaskState, edge: Incoming): boolean {
  if (edge.status !== 'fired') return false;
  return task.definition.join !== 'any' || task.winner === edge.source.id;
}

/** The output of a task. A group delivers the outputs of its children by key; a failed task delivers its error (R-RO-13). */
function outputOf(task: TaskState, reader: SecretReader, set = setPlain): Json {
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
      const key = isListOf(top.group) ? String(index) : member.definition.key;
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
  if (group === undefined || reused || definition.outputTemplate !== undefined) return true;
  // What an executor returned beside the tasks that it added stays.
  return definition.executor !== undefined && output !== null;
}

/** `end`: of a group, whose expressions read its own inputs and its members then. `more`: further names that they may read. */
interface ExpressionOptions {
  readonly moment?: 'start' | 'end';
  readonly more?: JsonObject;
}

/** What is needed to resolve inputs. */
export interface InputContext {
  readonly run: RunState;
  readonly context: DecideContext;
}

/** Evaluates the expressions of templates. */
interface Evaluates {
  readonly evaluate: (expression: string) => Json;
}

/**
 * The expressions of one task, and the values that they read. Most tasks have no expression and no secret, so everything is made when the
 * first expression or secret is found.
 */
export class TaskExpressions implements SecretReader {
  readonly #task: TaskState;
  readonly #resolving: InputContext;
  readonly #moment: 'start' | 'end';
  readonly #more: JsonObject | undefined;
  #marks: SecretMarks | undefined;
  #scope: Record<string, Json> | undefined;
  /** The use of this task's expressions together. Tasks that start in the same decision have their own. */
  #use: ExpressionUse | undefined;

  constructor(task: TaskState, resolving: InputContext, { moment = 'start', more }: ExpressionOptions = {}) {
    this.#task = task;
    this.#resolving = resolving;
    this.#moment = moment;
    this.#more = more;
  }

  get marks(): SecretMarks {
    return (this.#marks ??= new SecretMarks(this.#resolving.context.secrets));
  }

  reveal(value: Json, secrets: readonly SecretReference[] | undefined): Json {
    return secrets === undefined ? value : this.marks.markIn(value, secrets);
  }

  /** A resolved value, with placeholders in the place of secrets. */
  settle(value: Json): Settled {
    return this.#marks === undefined ? { value, references: NONE } : this.#marks.settle(value);
  }

  /** The output of another task; null where it has failed. */
  outputOf(task: TaskState): Json {
    return task.status === 'failed' ? null : outputOf(task, this);
  }

  /** `more`: names in scope beside all others. */
  evaluate(expression: string, more?: JsonObject): Json {
    this.#scope ??= this.#makeScope();
    this.#use ??= noExpressionUse();
    if (expression.includes('secrets')) this.#scope['secrets'] ??= this.marks.all();
    try {
      const scope = more === undefined ? this.#scope : { ...this.#scope, ...more };
      return this.#resolving.context.expressions.evaluate(expression, scope, this.#use);
    } catch (error) {
      const message = this.marks.hide(error instanceof Error ? error.message : String(error));
      throw new Error(`\${{${expression}}}: ${message}`, { cause: error });
    }
  }

  #makeScope(): Record<string, Json> {
    const task = this.#task;
    const isEnd = this.#moment === 'end';
    const deps = isEnd ? memberOutputs(task, this, setGuarded) : readableOutputs(lenderOf(task) ?? task, this);
    const inputs = inputsFrom(this.#resolving.run, isEnd ? task : task.scope.owner, this);
    const scope = scopeOf(this.#resolving, task, { deps, inputs, given: givenTo(task, this), isEnd });
    return this.#more === undefined
      ? scope
      : Object.defineProperties(scope, Object.getOwnPropertyDescriptors(this.#more));
  }
}

interface ScopeValues {
  readonly deps: Json;
  readonly inputs: JsonObject;
  readonly given: JsonObject | undefined;
  /** Of a group that ends: it sees what its members have written. */
  readonly isEnd?: boolean;
}

/** The scope of the expressions of a task. `secrets` is added only for expressions that name secrets. */
function scopeOf(
  { run, context }: InputContext,
  task: TaskState,
  { deps, inputs, given, isEnd }: ScopeValues,
): Record<string, Json> {
  const scope: Record<string, Json> = {
    ...given,
    deps,
    inputs,
    vars: run.variables,
    task: { id: task.id, key: task.definition.key, name: task.definition.name, attempt: task.attempt + 1 },
    run: { id: run.treeId, userId: run.userId },
    env: context.env,
  };
  if (run.patches !== undefined) setVariables(scope, () => variablesOf({ run, context }, task, isEnd));
  return scope;
}

/** Sets `vars`; nothing is folded before it is read. */
function setVariables(scope: Record<string, Json>, read: () => JsonObject): void {
  let values: JsonObject | undefined;
  Object.defineProperty(scope, 'vars', { get: () => (values ??= read()), enumerable: true, configurable: true });
}

function variablesOf({ run, context }: InputContext, task: TaskState, isEnd = false): JsonObject {
  const patches = patchesOf(run) as Patches;
  const writers = isEnd ? patches.seenAfter(task) : patches.seenBy(task);
  return readableValues(writers, { run, merges: context.merges, kept: patches.kept });
}

/** The inputs of the nearest group, from this one upwards, that has some; else the run's. */
function inputsFrom(run: RunState, group: TaskState | undefined, reader: SecretReader): JsonObject {
  for (let at = group; at !== undefined; at = at.scope.owner)
    if (at.input !== undefined) return reader.reveal(at.input, at.inputSecrets) as JsonObject;
  return run.inputs;
}

/** Reads values as they are stored: placeholders stand in the place of secrets. */
const AS_STORED: SecretReader = { reveal: (value) => value };

/** The scope of an expression that is evaluated before the task starts. It has no secrets. Reading a text that was cut throws. */
export function readableScope(resolving: InputContext, task: TaskState): JsonObject {
  const inputs = inputsFrom(resolving.run, task.scope.owner, AS_STORED);
  const deps = readableOutputs(lenderOf(task) ?? task, AS_STORED);
  return scopeOf(resolving, task, { deps, inputs, given: givenTo(task, AS_STORED) });
}

/** The same scope, for messages: reading a text that was cut does not throw. */
export function plainScope(resolving: InputContext, task: TaskState): JsonObject {
  const inputs = inputsFrom(resolving.run, task.scope.owner, AS_STORED);
  const deps = dependencyOutputs(lenderOf(task) ?? task, AS_STORED);
  return scopeOf(resolving, task, { deps, inputs, given: givenTo(task, AS_STORED) });
}

/** A value with placeholders in the place of secrets, and where they stand. */
type Settled = ReturnType<SecretMarks['settle']>;

const NONE: readonly SecretReference[] = [];

/** The input of an attempt. */
export interface ResolvedInput {
  readonly input: JsonObject;
  /** Where secrets stand in the input. */
  readonly secrets: readonly SecretReference[];
  /** Undefined: the default key. */
  readonly idempotencyKey: string | undefined;
}

/** Resolves the input and the key of the next attempt. Throws an Error that names the expression which failed. */
export function resolveInput(resolving: InputContext, task: TaskState): ResolvedInput {
  const expressions = new TaskExpressions(task, resolving);
  const { inputs } = task.definition;
  const input: Record<string, Json> = {};
  const lender = lenderOf(task);
  const { incoming } = lender ?? task;
  for (let at = 0; at < incoming.length; at++) {
    const edge = incoming[at] as Incoming;
    // A list that many copies are made of would be in the input of each.
    if (lender !== undefined && edge.dependency.into === undefined) continue;
    if (delivers(lender ?? task, edge))
      setOwn(input, edge.dependency.into ?? edge.dependency.ref, outputOf(edge.source, expressions));
  }
  for (const key in inputs) {
    if (Object.hasOwn(inputs, key)) setOwn(input, key, resolveValue(inputs[key] as Json, expressions));
  }
  const key = idempotencyKey(resolving.run, task, expressions);
  const { value, references } = expressions.settle(input);
  return {
    input: value as JsonObject,
    secrets: references,
    // The key is sent to other systems by code that does not hide secrets.
    idempotencyKey: key === undefined ? undefined : expressions.marks.hide(key),
  };
}

/** The inputs of a group that opens, with where secrets stand in them; undefined: it has none of its own. Throws as `resolveInput`. */
export function resolveGroupInputs(resolving: InputContext, group: TaskState): Settled | undefined {
  const { inputs } = group.definition;
  for (const _ in inputs) {
    const expressions = new TaskExpressions(group, resolving);
    return expressions.settle(resolveValue(inputs, expressions));
  }
  return undefined;
}

/** The output of a group that ends, by the template that it has. Throws as `resolveInput`. */
export function resolveGroupOutput(resolving: InputContext, group: TaskState): Settled {
  const expressions = new TaskExpressions(group, resolving, { moment: 'end' });
  return expressions.settle(resolveValue(group.definition.outputTemplate as Json, expressions));
}

/** What a task waits for, as its definition says, with where secrets stand in it. Throws as `resolveInput`. */
export function resolveWait(resolving: InputContext, task: TaskState): Settled {
  const expressions = new TaskExpressions(task, resolving);
  const { wait, approval } = task.definition;
  return expressions.settle(resolveValue({ ...(wait ?? approval) }, expressions));
}

/** The declared outputs of a run whose tasks have all ended, secrets hidden. Undefined: none are declared. Throws as `resolveInput`. */
export function resolveOutputs(resolving: InputContext): JsonObject | undefined {
  const { declares, root } = resolving.run;
  if (declares?.outputs === undefined) return undefined;
  const more: Record<string, Json> = {};
  const expressions = new TaskExpressions(root, resolving, { moment: 'end', more });
  setGuarded(more, 'output', { task: root, output: outputOf(root, expressions, setGuarded) });
  const outputs: Record<string, Json> = {};
  for (const [name, { value }] of Object.entries(declares.outputs))
    setOwn(outputs, name, resolveValue(value, expressions));
  return expressions.settle(outputs).value as JsonObject;
}

/** The key of the task's last attempt. */
export function idempotencyKeyOf(run: RunState, task: TaskState): string {
  return task.idempotencyKey ?? `${run.treeId}/${task.id}`;
}

/** The resolved idempotency key; undefined: the default key. */
function idempotencyKey(run: RunState, task: TaskState, expressions: TaskExpressions): string | undefined {
  const template = task.definition.policies.idempotencyKey;
  if (template === undefined && task.generation === 0) return undefined;
  const key = template === undefined ? `${run.treeId}/${task.id}` : asText(resolveValue(template, expressions));
  return task.generation === 0 ? key : `${key}#${task.generation}`;
}

/**
 * Replaces the expressions in a value. An expression that is the whole string keeps the type of its result; inside a longer text the result
 * becomes text. A value without expressions is returned as it is, not copied.
 */
export function resolveValue(value: Json, expressions: Evaluates): Json {
  if (typeof value === 'string') return value.includes('${{') ? resolveText(value, expressions) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return mapUnlessEqual(value as readonly Json[], expressions);
  let changed = false;
  const resolved: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const before = (value as JsonObject)[key] as Json;
    const after = resolveValue(before, expressions);
    changed ||= after !== before;
    setOwn(resolved, key, after);
  }
  return changed ? resolved : value;
}

function mapUnlessEqual(values: readonly Json[], expressions: Evaluates): Json {
  const resolved = values.map((item) => resolveValue(item, expressions));
  return resolved.every((item, index) => item === values[index]) ? values : resolved;
}

function resolveText(text: string, expressions: Evaluates): Json {
  const { parts } = parseTemplate(text);
  const alone = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = alone;
  if (alone.length === 1 && typeof only === 'object') return expressions.evaluate(only.expression);
  return parts
    .map((part) => (typeof part === 'string' ? part : asText(expressions.evaluate(part.expression))))
    .join('');
}

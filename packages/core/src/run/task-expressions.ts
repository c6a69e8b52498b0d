/** The expressions of a task: the values that they read, made when the first of them is evaluated. */
import type { Json, JsonObject } from '@coppice/extension';
import { noExpressionUse, type ExpressionUse } from '../ports/expressions.ts';
import { patchesOf, type Patches } from '../variables/patches.ts';
import { readableValues } from '../variables/values.ts';
import type { DecideContext } from './command.ts';
import { readableGiven } from './cut-output.ts';
import { SecretMarks } from './secret-marks.ts';
import type { SecretReference } from './secret-reference.ts';
import type { RunState, TaskState } from './state.ts';
import {
  dependencyOutputs,
  memberOutputs,
  outputOf,
  readableOutputs,
  setGuarded,
  type SecretReader,
} from './task-outputs.ts';

/** The multiplied task that a copy stands for: the copy reads what that depends on. */
export function lenderOf({ definition, parent }: TaskState): TaskState | undefined {
  return definition.given === undefined ? undefined : parent;
}

/** What was given to the copies that the task is part of, the nearest first. */
function givenTo(task: TaskState, reader: SecretReader): JsonObject | undefined {
  let values: Record<string, Json> | undefined;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.scope.owner) {
    const { given } = at.definition;
    if (given === undefined) continue;
    const { cut } = given;
    const revealed = readableGiven({ values: reader.reveal(given.values, given.secrets) as JsonObject, cut });
    values = values === undefined ? { ...revealed } : { ...revealed, ...values };
  }
  return values;
}

/** A value with placeholders in the place of secrets, and where they stand. */
export type Settled = ReturnType<SecretMarks['settle']>;

const NONE: readonly SecretReference[] = [];

/** When the expressions are evaluated. `between`: of a repetition after a copy, which sees what copies have written. `end`: of a group, whose expressions read its own inputs and its members then. */
type Moment = 'start' | 'between' | 'end';

/** `more`: further names that the expressions may read. */
interface ExpressionOptions {
  /** At the end: whose members `deps` are; default the group's own. */
  readonly root?: TaskState;
  readonly moment?: Moment;
  readonly more?: JsonObject;
}

/** What is needed to resolve inputs. */
export interface InputContext {
  readonly run: RunState;
  readonly context: DecideContext;
}

/**
 * The expressions of one task, and the values that they read. Most tasks have no expression and no secret, so everything is made when the
 * first expression or secret is found.
 */
export class TaskExpressions implements SecretReader {
  readonly #task: TaskState;
  readonly #resolving: InputContext;
  readonly #root: TaskState;
  readonly #moment: Moment;
  readonly #more: JsonObject | undefined;
  #marks: SecretMarks | undefined;
  #scope: Record<string, Json> | undefined;
  /** The use of this task's expressions together. Tasks that start in the same decision have their own. */
  #use: ExpressionUse | undefined;

  constructor(
    task: TaskState,
    resolving: InputContext,
    { moment = 'start', root = task, more }: ExpressionOptions = {},
  ) {
    this.#task = task;
    this.#resolving = resolving;
    this.#moment = moment;
    this.#root = root;
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
      const scope = more === undefined ? this.#scope : withNames(this.#scope, more);
      return this.#resolving.context.expressions.evaluate(expression, scope, this.#use);
    } catch (error) {
      const message = this.marks.hide(error instanceof Error ? error.message : String(error));
      throw new Error(`\${{${expression}}}: ${message}`, { cause: error });
    }
  }

  #makeScope(): Record<string, Json> {
    const task = this.#task;
    const isEnd = this.#moment === 'end';
    const deps = isEnd ? memberOutputs(this.#root, this, setGuarded) : readableOutputs(lenderOf(task) ?? task, this);
    const inputs = inputsFrom(this.#resolving.run, isEnd ? task : task.scope.owner, this);
    const scope = scopeOf(this.#resolving, task, {
      deps,
      inputs,
      given: givenTo(task, this),
      seesMembers: this.#moment !== 'start',
    });
    return this.#more === undefined
      ? scope
      : Object.defineProperties(scope, Object.getOwnPropertyDescriptors(this.#more));
  }
}

/** The scope with more names. Values that are worked out when they are read stay so. */
function withNames(scope: Record<string, Json>, more: JsonObject): Record<string, Json> {
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(scope), ...Object.getOwnPropertyDescriptors(more) },
  );
}

interface ScopeValues {
  readonly deps: Json;
  readonly inputs: JsonObject;
  readonly given: JsonObject | undefined;
  /** Of a group: it sees what its members have written. */
  readonly seesMembers?: boolean;
}

/** The scope of the expressions of a task. `secrets` is added only for expressions that name secrets. */
function scopeOf(
  { run, context }: InputContext,
  task: TaskState,
  { deps, inputs, given, seesMembers }: ScopeValues,
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
  if (run.patches !== undefined) setVariables(scope, () => variablesOf({ run, context }, task, seesMembers));
  return scope;
}

/** Sets `vars`; nothing is folded before it is read. */
function setVariables(scope: Record<string, Json>, read: () => JsonObject): void {
  let values: JsonObject | undefined;
  Object.defineProperty(scope, 'vars', { get: () => (values ??= read()), enumerable: true, configurable: true });
}

function variablesOf({ run, context }: InputContext, task: TaskState, seesMembers = false): JsonObject {
  const patches = patchesOf(run) as Patches;
  const writers = seesMembers ? patches.seenAfter(task) : patches.seenBy(task);
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

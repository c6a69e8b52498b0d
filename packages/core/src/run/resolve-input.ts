/** Resolves a task's input when it starts (rule 4), and its idempotency key (R-DR-12). */
import { setOwn, type Json, type JsonObject } from '../task/json.ts';
import type { ExpressionUse } from '../ports/expressions.ts';
import { parseTemplate } from '../validate/template.ts';
import type { DecideContext } from './command.ts';
import type { RunState, TaskState } from './state.ts';

/** `secrets.NAME` evaluates to this placeholder; the shell puts the value in when it calls the executor, and nothing else ever sees it. */
export function secretPlaceholder(name: string): string {
  return `\u00absecret:${name}\u00bb`;
}

/** The outputs of the dependencies that fired, by the reference they were named with. A group's output is that of its members. */
export function dependencyOutputs(task: TaskState): Record<string, Json> {
  const outputs: Record<string, Json> = {};
  for (const edge of task.incoming) {
    if (delivers(task, edge)) setOwn(outputs, edge.dependency.ref, outputOf(edge.source));
  }
  return outputs;
}

type Incoming = TaskState['incoming'][number];

function delivers(task: TaskState, edge: Incoming): boolean {
  if (edge.status !== 'fired') return false;
  return task.definition.join !== 'any' || task.winner === edge.source.id;
}

/** A task's output; for a group the outputs of its children by key; for a failed task what a failure edge delivers (R-RO-13). */
export function outputOf(task: TaskState): Json {
  if (task.status === 'failed') return { error: (task.error ?? null) as Json, attempts: task.attempt };
  if (task.group === undefined || task.reused) return task.output;
  const outputs: Record<string, Json> = {};
  const stack: { readonly group: TaskState; readonly into: Record<string, Json> }[] = [{ group: task, into: outputs }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const member of top.group.children) {
      const into: Record<string, Json> = {};
      setOwn(top.into, member.definition.key, member.group === undefined ? member.output : into);
      if (member.group !== undefined) stack.push({ group: member, into });
    }
  }
  return outputs;
}

/** The scope of a task's expressions. */
function scopeOf(run: RunState, task: TaskState, context: DecideContext): Record<string, Json> {
  return {
    deps: dependencyOutputs(task),
    inputs: run.inputs,
    vars: run.variables,
    task: { id: task.id, key: task.definition.key, name: task.definition.name, attempt: task.attempt + 1 },
    run: { id: run.treeId, userId: run.userId },
    env: context.env,
    secrets: context.secrets,
  };
}

/** What is known where inputs are resolved; `use` is shared by the decision's expressions. */
interface Resolving {
  readonly run: RunState;
  readonly context: DecideContext;
  readonly use: ExpressionUse;
}

/** Evaluates the expressions of one task; its scope is built when the first is met. */
class TaskExpressions {
  readonly #run: RunState;
  readonly #task: TaskState;
  readonly #context: DecideContext;
  readonly #use: ExpressionUse;
  #scope: Record<string, Json> | undefined;

  constructor({ run, context, use }: Resolving, task: TaskState) {
    this.#run = run;
    this.#task = task;
    this.#context = context;
    this.#use = use;
  }

  evaluate(expression: string): Json {
    this.#scope ??= scopeOf(this.#run, this.#task, this.#context);
    try {
      return this.#context.expressions.evaluate(expression, this.#scope, this.#use);
    } catch (error) {
      throw new Error(`\${{${expression}}}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

/** The input and key of the next attempt. Throws an Error that names the expression which failed. */
export function resolveInput(
  resolving: Resolving,
  task: TaskState,
): { input: JsonObject; idempotencyKey: string | undefined } {
  const { inputs } = task.definition;
  const input: Record<string, Json> = {};
  const { incoming } = task;
  for (let at = 0; at < incoming.length; at++) {
    const edge = incoming[at] as Incoming;
    if (delivers(task, edge)) setOwn(input, edge.dependency.into ?? edge.dependency.ref, outputOf(edge.source));
  }
  const expressions = new TaskExpressions(resolving, task);
  for (const key in inputs) {
    if (Object.hasOwn(inputs, key)) setOwn(input, key, resolveValue(inputs[key] as Json, expressions));
  }
  return { input, idempotencyKey: idempotencyKey(resolving.run, task, expressions) };
}

/** The key of the task's last attempt. */
export function idempotencyKeyOf(run: RunState, task: TaskState): string {
  return task.idempotencyKey ?? `${run.treeId}/${task.id}`;
}

/** Undefined: the default. */
function idempotencyKey(run: RunState, task: TaskState, expressions: TaskExpressions): string | undefined {
  const template = task.definition.policies.idempotencyKey;
  if (template === undefined && task.generation === 0) return undefined;
  const key = template === undefined ? `${run.treeId}/${task.id}` : asText(resolveValue(template, expressions));
  return task.generation === 0 ? key : `${key}#${task.generation}`;
}

/** Replaces expressions in a value: alone in a string one keeps its type, inside text it is interpolated. Values without expressions are passed through, not copied. */
function resolveValue(value: Json, expressions: TaskExpressions): Json {
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

function mapUnlessEqual(values: readonly Json[], expressions: TaskExpressions): Json {
  const resolved = values.map((item) => resolveValue(item, expressions));
  return resolved.every((item, index) => item === values[index]) ? values : resolved;
}

function resolveText(text: string, expressions: TaskExpressions): Json {
  const { parts } = parseTemplate(text);
  const alone = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = alone;
  if (alone.length === 1 && typeof only === 'object') return expressions.evaluate(only.expression);
  return parts
    .map((part) => (typeof part === 'string' ? part : asText(expressions.evaluate(part.expression))))
    .join('');
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

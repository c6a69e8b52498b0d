/** Resolves a task's input when it starts (rule 4), and its idempotency key (R-DR-12). */
import { setOwn, type Json, type JsonObject } from '../task/json.ts';
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

/** The input and key of the next attempt. Throws an Error that names the expression which failed. */
export function resolveInput(
  run: RunState,
  task: TaskState,
  context: DecideContext,
): { input: JsonObject; idempotencyKey: string } {
  const { definition } = task;
  let scope: Record<string, Json> | undefined;
  const evaluate = (expression: string): Json => {
    scope ??= scopeOf(run, task, context);
    try {
      return context.expressions.evaluate(expression, scope);
    } catch (error) {
      throw new Error(`\${{${expression}}}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  };
  const input: Record<string, Json> = {};
  for (const edge of task.incoming) {
    const key = edge.dependency.into ?? edge.dependency.ref;
    if (delivers(task, edge)) setOwn(input, key, outputOf(edge.source));
  }
  for (const key of Object.keys(definition.inputs)) {
    setOwn(input, key, resolveValue(definition.inputs[key] as Json, evaluate));
  }
  return { input, idempotencyKey: idempotencyKey(run, task, evaluate) };
}

function idempotencyKey(run: RunState, task: TaskState, evaluate: (expression: string) => Json): string {
  const template = task.definition.policies.idempotencyKey;
  const key = template === undefined ? `${run.treeId}/${task.id}` : asText(resolveValue(template, evaluate));
  return task.generation === 0 ? key : `${key}#${task.generation}`;
}

/** Replaces expressions in a value: alone in a string one keeps its type, inside text it is interpolated. Values without expressions are passed through, not copied. */
function resolveValue(value: Json, evaluate: (expression: string) => Json): Json {
  if (typeof value === 'string') return value.includes('${{') ? resolveText(value, evaluate) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return mapUnlessEqual(value as readonly Json[], evaluate);
  let changed = false;
  const resolved: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const before = (value as JsonObject)[key] as Json;
    const after = resolveValue(before, evaluate);
    changed ||= after !== before;
    setOwn(resolved, key, after);
  }
  return changed ? resolved : value;
}

function mapUnlessEqual(values: readonly Json[], evaluate: (expression: string) => Json): Json {
  const resolved = values.map((item) => resolveValue(item, evaluate));
  return resolved.every((item, index) => item === values[index]) ? values : resolved;
}

function resolveText(text: string, evaluate: (expression: string) => Json): Json {
  const { parts } = parseTemplate(text);
  const alone = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = alone;
  if (alone.length === 1 && typeof only === 'object') return evaluate(only.expression);
  return parts.map((part) => (typeof part === 'string' ? part : asText(evaluate(part.expression)))).join('');
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Shows a definition as the array that `tasks.create` accepts, so that people see a copy before it is stored. */
import type { Json, JsonObject } from '@coppice/extension';
import { listDependencyReads, parseTemplate } from '../validate/template.ts';
import type { Declares } from './declared-inputs.ts';
import { dealsWithFailure } from './failure-edge.ts';
import { written } from './field-list.ts';
import { makesOutput, outputRoot } from './group-output.ts';
import { isGroup } from './kind.ts';
import { unmultiplied } from './multiplied.ts';
import { isMultiplied, MULTIPLIER_FIELDS, type MultiplierFields } from './multiplier.ts';
import type { DependencySubmission, TaskSubmission } from './submission.ts';
import type { Dependency, TaskDefinition, TaskPolicies, TreeDefinition } from './task.ts';

/**
 * The tasks with their ids, in declared order. References are ids: outputs of dependencies keep their input keys by `into`, and expressions
 * read `deps["<id>"]`. A submission holds no outcomes, so in a tree that is created from it every task runs.
 */
export function toSubmission(definition: Pick<TreeDefinition, 'tasks'>): readonly TaskSubmission[] {
  const names = namesOf(definition.tasks);
  return definition.tasks
    .filter((task) => task.given === undefined && !isMade(task, names))
    .flatMap((task) => [
      submissionOf(withBody(task), names),
      ...below(task).map((each) => submissionOf(each, NO_NAMES)),
    ]);
}

/** True for what a multiplied task made: created from the submission, that makes it anew. */
function isMade({ parentId }: TaskDefinition, { tasks }: Names): boolean {
  for (let at = parentId; at !== undefined; at = tasks.get(at)?.parentId) {
    const above = tasks.get(at);
    if (above?.given !== undefined && above.parentId !== undefined) return true;
  }
  return false;
}

/** A multiplied task as it was submitted: with the work that its copies do. */
function withBody(task: TaskDefinition): TaskDefinition & MultiplierFields {
  const { multiplier } = task;
  if (multiplier === undefined) return task;
  const { body: _copied, ...fields } = multiplier;
  return { ...unmultiplied(task), ...fields };
}

/** What is below a multiplied task, that inside others included. */
function below({ id, multiplier }: TaskDefinition): readonly (TaskDefinition & MultiplierFields)[] {
  const [top, ...inside] = multiplier?.body ?? [];
  return inside.flatMap((task) => {
    const placed = task.parentId === top?.id ? { ...task, parentId: id } : task;
    return [withBody(placed), ...below(placed)];
  });
}

/** The names that expressions may use: ids of tasks, and what the children of a group are called. */
interface Names {
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly children: ReadonlyMap<string, ReadonlyMap<string, TaskDefinition>>;
}

function namesOf(tasks: readonly TaskDefinition[]): Names {
  const children = new Map<string, Map<string, TaskDefinition>>();
  for (const task of tasks) {
    if (task.parentId === undefined) continue;
    const siblings = children.get(task.parentId) ?? new Map<string, TaskDefinition>();
    siblings.set(task.ref ?? task.key, task);
    children.set(task.parentId, siblings);
  }
  return { tasks: new Map(tasks.map((task) => [task.id, task])), children };
}

function submissionOf(task: TaskDefinition & MultiplierFields, names: Names): TaskSubmission {
  const fields = MULTIPLIER_FIELDS.flatMap((name) => (task[name] === undefined ? [] : [[name, task[name]] as const]));
  let named: Named | undefined;
  const rewrite = (text: string): string =>
    text.includes('${{') ? rewriteText(text, (named ??= dependenciesOf(task, names)), names) : text;
  const { outputTemplate, declares, when, set } = task;
  const ofMembers = (text: string): string => rewriteText(text, names.children.get(task.id) ?? NONE, names);
  const submission = written({
    ...task,
    ...(set === undefined ? {} : { set: mapTexts(set, task.kind === 'group' ? ofMembers : rewrite) as JsonObject }),
    ...(when === undefined ? {} : { when: rewriteExpression(when, dependenciesOf(task, names), names) }),
    ...(outputTemplate === undefined ? {} : { outputTemplate: mapTexts(outputTemplate, ofMembers) ?? undefined }),
    ...(declares?.outputs === undefined ? {} : { declares: withOutputs(task, declares, names) }),
    // Ids are what expressions are rewritten to, where they are.
    ...(names === NO_NAMES ? {} : { ref: undefined }),
    inputs: mapTexts(task.inputs, rewrite) as JsonObject,
    dependencies: task.dependencies.map(isMultiplied(task) ? asWritten : dependencyOf),
    policies: policiesOf(task.policies, rewrite),
  });
  return { ...submission, ...Object.fromEntries(fields) };
}

/** The declared outputs of a group, whose expressions read what its only member holds, or the group itself. */
function withOutputs({ id }: TaskDefinition, declares: Declares, names: Names): Declares {
  const childrenOf = (of: string): Named => names.children.get(of) ?? NONE;
  const root = outputRoot(
    id,
    [...childrenOf(id).values()].map((child) => child.id),
  );
  const outputs = Object.entries(declares.outputs ?? {}).map(([name, output]) => {
    const value = mapTexts(output.value, (text) => rewriteText(text, childrenOf(root), names));
    return [name, { ...output, value }] as const;
  });
  return { ...declares, outputs: Object.fromEntries(outputs) };
}

/** What the expressions of a task name as `deps`. */
type Named = ReadonlyMap<string, TaskDefinition>;

const NONE: Named = new Map();

/** Inside a multiplied task ids are the keys. */
const NO_NAMES: Names = { tasks: new Map(), children: new Map() };

function dependenciesOf({ dependencies }: TaskDefinition, { tasks }: Names): Named {
  const named = new Map<string, TaskDefinition>();
  for (const { ref, task } of dependencies) {
    const source = tasks.get(task);
    if (source !== undefined && !named.has(ref)) named.set(ref, source);
  }
  return named;
}

function dependencyOf({ ref, into, ...dependency }: Dependency): DependencySubmission {
  return { ...dependency, into: into ?? ref, ...(dealsWithFailure(dependency) ? { handles: true } : {}) };
}

/** Into the input of a copy comes only what is named there. */
function asWritten(dependency: Dependency): DependencySubmission {
  const { into: _delivered, ...rest } = dependencyOf(dependency);
  return dependency.into === undefined ? rest : { ...rest, into: dependency.into };
}

function policiesOf(policies: TaskPolicies, rewrite: (text: string) => string): TaskPolicies {
  const { idempotencyKey } = policies;
  return idempotencyKey === undefined ? policies : { ...policies, idempotencyKey: rewrite(idempotencyKey) };
}

function mapTexts(value: Json, map: (text: string) => string): Json {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => mapTexts(item, map));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function rewriteText(text: string, named: Named, names: Names): string {
  if (!text.includes('${{')) return text;
  return parseTemplate(text)
    .parts.map((part) =>
      typeof part === 'string' ? part : `\${{ ${rewriteExpression(part.expression, named, names)} }}`,
    )
    .join('');
}

/** Replaces `deps.<ref>`, and below a group the keys of its members, by the new ids. */
function rewriteExpression(expression: string, named: Named, names: Names): string {
  let rewritten = '';
  let done = 0;
  for (const read of listDependencyReads(expression)) {
    const [first, ...members] = read.names;
    let target = first === undefined ? undefined : named.get(first.name);
    for (const access of first === undefined ? [] : [first, ...members]) {
      if (access !== first)
        target =
          target !== undefined && isGroup(target) && !makesOutput(target)
            ? names.children.get(target.id)?.get(access.name)
            : undefined;
      if (target === undefined) break;
      rewritten += `${expression.slice(done, access.start)}[${JSON.stringify(target.id)}]`;
      done = access.end;
    }
  }
  return rewritten + expression.slice(done);
}

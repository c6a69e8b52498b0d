/** Makes the definitions of a copy: gives new ids to the tasks, and carries over the outcomes of tasks that do not run again. */
import type { CutPart, Json, JsonObject, TaskId, TreeId } from '@coppice/extension';
import type { TreeGraph } from '../graph/tree-graph.ts';
import { memberId } from '../validate/define-tree.ts';
import type { CopyOverride } from './copy-options.ts';
import type { CopySelection } from './copy-selection.ts';
import type { CopySource, CopySourceTask } from './copy-source.ts';
import { referencesBelow, type SecretReference } from '../run/secret-reference.ts';
import { makesOutput } from './group-output.ts';
import { templateOf } from './input-template.ts';
import { isExpanded } from '../run/expanded.ts';
import { setOwn } from './set-own.ts';
import { FIELD_LIST, said, withoutWork } from './field-list.ts';
import { withChanges } from './multiplied.ts';
import { isGroup } from './kind.ts';
import { isTerminal } from './status.ts';
import type { Dependency, SettledOutcome, TaskDefinition, TaskPolicies } from './task.ts';

/** A tree and the part of it that a copy takes. */
export interface CopiedTasks {
  readonly tasks: readonly CopySourceTask[];
  readonly graph: TreeGraph;
  readonly selection: CopySelection;
  readonly overrides: Readonly<Record<string, CopyOverride>>;
  readonly patches: CopySource['patches'];
}

/** The definitions of the copies, in declared order. */
export function defineCopy(copied: CopiedTasks, treeId: TreeId): readonly TaskDefinition[] {
  const { tasks, selection } = copied;
  const taken = tasks.flatMap((task, position) => (selection.has(position) ? [{ task, position }] : []));
  const ids = new Map<string, TaskId>();
  for (const [index, { task, position }] of taken.entries()) {
    ids.set(task.definition.id, position === selection.top ? treeId : memberId(treeId, index));
  }
  const sources = new Map(ids);
  for (const { task, position } of taken) if (selection.isHolder(position)) sources.delete(task.definition.id);
  const names = { ids, sources };
  const left = leftBehind(copied);
  const define = ({ task, position }: (typeof taken)[number]): TaskDefinition => {
    if (selection.isHolder(position)) return readable(copied, position, defineHolder(task, names));
    if (!selection.runs(position))
      return defineSettled(task, names, {
        ...groupOutput(copied, position),
        patch: copied.patches?.get(task),
        left: copied.patches?.leftBy(task),
      });
    const again = readable(copied, position, defineRunning(copied, task, { position, names }));
    return left === undefined || hasGroupAbove(copied, position) ? again : withInherited(again, left);
  };
  return taken.map((each) => (each.position === selection.top ? asRoot(define(each)) : define(each)));
}

/** No group is around the root of a copy, for which it could clean up. */
function asRoot(definition: TaskDefinition): TaskDefinition {
  if (definition.finally !== true) return definition;
  const { finally: _around, ...root } = definition;
  return root;
}

/** A group of which members stay behind has no output that is made from them: nobody in the copy reads it. */
function readable({ graph, selection }: CopiedTasks, position: number, definition: TaskDefinition): TaskDefinition {
  const isTaken = (member: number): boolean => selection.has(member);
  if (!makesOutput(definition) || graph.childrenOf(position).every(isTaken)) return definition;
  const { outputTemplate: _unreadable, declares, ...kept } = definition;
  return declares?.inputs === undefined ? kept : { ...kept, declares: { inputs: declares.inputs } };
}

/** Policies of attempts that the copy inherited from groups which are not copied. */
type LeftBehind = Pick<TaskDefinition, 'policies' | 'notBeforeMs'>;

function leftBehind({ tasks, graph, selection }: CopiedTasks): LeftBehind | undefined {
  let policies: TaskPolicies = {};
  let notBeforeMs = 0;
  for (let up = graph.parentOf(selection.top); up >= 0; up = graph.parentOf(up)) {
    const group = tasks[up]?.definition;
    if (group === undefined || !isGroup(group)) continue;
    policies = { ...attemptPolicies(group.policies), ...policies };
    notBeforeMs = Math.max(notBeforeMs, group.notBeforeMs ?? 0);
  }
  if (notBeforeMs === 0 && Object.keys(policies).length === 0) return undefined;
  return { policies, ...(notBeforeMs === 0 ? {} : { notBeforeMs }) };
}

/** The policies that members inherit from a group. */
function attemptPolicies(policies: TaskPolicies): TaskPolicies {
  const { retry, timeoutMs, heartbeatTimeoutMs, queueTimeoutMs, breaker } = policies;
  return {
    ...(retry === undefined ? {} : { retry }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
    ...(breaker === undefined ? {} : { breaker }),
    ...(queueTimeoutMs === undefined ? {} : { queueTimeoutMs }),
  };
}

function hasGroupAbove({ graph, selection }: CopiedTasks, position: number): boolean {
  for (let at = position; at !== selection.top;) {
    at = graph.parentOf(at);
    if (graph.isGroup(at) && !selection.isHolder(at)) return true;
  }
  return false;
}

function withInherited(definition: TaskDefinition, { policies, notBeforeMs }: LeftBehind): TaskDefinition {
  return {
    ...definition,
    policies: { ...policies, ...definition.policies },
    ...(notBeforeMs === undefined ? {} : { notBeforeMs: Math.max(notBeforeMs, definition.notBeforeMs ?? 0) }),
  };
}

/** Makes a task that only holds other tasks together. A task with an executor becomes a plain group, because its work is not repeated. */
function defineHolder({ definition }: CopySourceTask, names: Names): TaskDefinition {
  const holder = relinked(definition, names);
  return isGroup(definition) ? { ...holder, dependencies: [] } : { ...withoutWork(holder), kind: 'group' };
}

/** New ids by former ids: of all tasks that are taken, and of the tasks that others may depend on. */
interface Names {
  readonly ids: ReadonlyMap<string, TaskId>;
  readonly sources: ReadonlyMap<string, TaskId>;
}

/** A task that runs again, or goes on with the members that it has. */
function defineRunning(
  { selection, overrides, patches }: CopiedTasks,
  task: CopySourceTask,
  { position, names }: { readonly position: number; readonly names: Names },
): TaskDefinition {
  if (selection.startsAnew(position)) return defineAgain(task, names, overrides);
  const defined = isExpanded(task) ? defineOpened(task, names) : defineAgain(task, names, overrides);
  const left = patches?.leftBy(task);
  return left === undefined ? defined : { ...defined, left };
}

function defineAgain(
  { definition }: CopySourceTask,
  names: Names,
  overrides: CopiedTasks['overrides'],
): TaskDefinition {
  const override = Object.hasOwn(overrides, definition.id) ? overrides[definition.id] : undefined;
  return withChanges(relinked(definition, names), said(override ?? {}, OVERRIDABLE));
}

/** An expanded task that goes on with the members that it has: a group that hands on what the executor returned. */
function defineOpened(task: CopySourceTask, names: Names): TaskDefinition {
  const definition = relinked(task.definition, names);
  const { dependencies, join } = definition;
  const group: TaskDefinition = { ...withoutWork(definition), kind: 'group', dependencies, join };
  const { output } = templateOf({ output: task.output }, referencesBelow(['output'], task.outputSecrets ?? []));
  return output === undefined || output === null ? group : { ...group, outputTemplate: output };
}

const OVERRIDABLE = FIELD_LIST.flatMap(({ name, isOverridable }) => (isOverridable ? [name] : []));

/**
 * Makes a task that keeps its outcome. Its dependencies are copied only when the copy needs them for another task. Otherwise the recorded
 * input replaces the expressions that read them, so that this task, too, can run again later.
 */
function defineSettled(task: CopySourceTask, names: Names, delivered: DeliveredOutput): TaskDefinition {
  const definition = relinked(task.definition, names);
  const isCut = definition.dependencies.length < task.definition.dependencies.length;
  return {
    ...definition,
    ...(isCut && task.input !== undefined ? recordedWork(definition, task.input, task.inputSecrets) : {}),
    settled: outcomeOf(task, delivered),
  };
}

/** What the task did, without the expressions that say so. */
function recordedWork(
  { wait, approval }: TaskDefinition,
  ...[input, secrets]: Parameters<typeof templateOf>
): Partial<TaskDefinition> {
  const recorded = templateOf(input, secrets);
  if (wait !== undefined) return { wait: recorded };
  return approval === undefined ? { inputs: recorded } : { approval: recorded };
}

function outcomeOf(task: CopySourceTask, { output, secrets, cut, patch, left }: DeliveredOutput): SettledOutcome {
  const { status, port, error, reason, attempt, startedAtMs, endedAtMs } = task;
  return {
    status: isTerminal(status) ? status : 'completed',
    output,
    ...(secrets === undefined || secrets.length === 0 ? {} : { secrets }),
    ...(cut === undefined || cut.length === 0 ? {} : { cut }),
    ...(port === undefined ? {} : { port }),
    ...(patch === undefined ? {} : { patch }),
    ...(left === undefined ? {} : { left }),
    ...(isExpanded(task) ? { expanded: true } : {}),
    ...(error === undefined ? {} : { error }),
    ...(reason?.code === 'race' ? { reason: { code: 'race' as const, message: reason.message } } : {}),
    attempt,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    reused: true,
  };
}

/** Returns the definition with new ids, without dependencies on tasks that are not copied. */
function relinked(definition: TaskDefinition, { ids, sources }: Names): TaskDefinition {
  const { settled: _formerOutcome, left: _formerLeft, parentId, ...kept } = definition;
  const newParent = parentId === undefined ? undefined : ids.get(parentId);
  return {
    ...kept,
    id: ids.get(definition.id) ?? definition.id,
    ...(newParent === undefined ? {} : { parentId: newParent }),
    dependencies: definition.dependencies.flatMap((dependency): readonly Dependency[] => {
      const task = sources.get(dependency.task);
      return task === undefined ? [] : [{ ...dependency, task }];
    }),
    originalTaskId: definition.id,
  };
}

/** An output, with the places of its secrets and of its cut texts. */
interface DeliveredOutput {
  readonly output: Json;
  readonly secrets?: readonly SecretReference[] | undefined;
  readonly cut?: readonly CutPart[] | undefined;
  /** What the task wrote to variables. */
  readonly patch?: JsonObject | undefined;
  readonly left?: JsonObject | undefined;
}

/**
 * The output of a task that keeps its outcome. A group has no stored output. Its members' outputs are gathered by key, because the copy may
 * hold only some of the members. This is done only for groups that a running task reads: for nested groups it would cost quadratic time.
 */
function groupOutput(copied: CopiedTasks, from: number): DeliveredOutput {
  const { tasks, graph, selection } = copied;
  const { member: task, at: position } = deliveringMember(copied, from);
  if (task === undefined || hasOwnOutput(copied, position)) return ownOutput(task);
  if (task.status !== 'completed' || !graph.targetsOf(from).some((target) => selection.runs(target)))
    return ownOutput(task);
  const secrets: SecretReference[] = [];
  const cut: CutPart[] = [];
  const output: Json = listOrMap(task);
  const stack: OpenGroup[] = [{ group: position, into: output as Record<string, Json>, path: [] }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const [index, child] of graph.childrenOf(top.group).entries()) {
      const { member, at } = deliveringMember(copied, child);
      if (member === undefined) continue;
      // A list is an object whose keys are numbers.
      const key = tasks[top.group]?.definition.multiplier === undefined ? (tasks[child]?.definition.key ?? '') : index;
      const place = [...top.path, key];
      if (hasOwnOutput(copied, at)) {
        setOwn(top.into, String(key), member.output);
        secrets.push(...referencesBelow(place, member.outputSecrets ?? []));
        for (const part of member.cut ?? []) cut.push({ ...part, path: [...place, ...part.path] });
        continue;
      }
      const into = listOrMap(member);
      setOwn(top.into, String(key), into);
      stack.push({ group: at, into: into as Record<string, Json>, path: place });
    }
  }
  return { output, secrets, cut };
}

function listOrMap({ definition }: CopySourceTask): Json {
  return definition.multiplier === undefined ? {} : [];
}

/** The task whose output a member stands for: of a repetition that of its last copy. */
function deliveringMember(
  copied: CopiedTasks,
  from: number,
): { readonly member?: CopySourceTask; readonly at: number } {
  const { tasks, graph } = copied;
  let at = from;
  while (!hasOwnOutput(copied, at) && tasks[at]?.definition.multiplier?.repeat !== undefined) {
    const last = graph.childrenOf(at).at(-1);
    if (last === undefined) return { at };
    at = last;
  }
  const member = tasks[at];
  return member === undefined ? { at } : { member, at };
}

/** False: the output is gathered from the members. */
function hasOwnOutput({ tasks, graph }: CopiedTasks, position: number): boolean {
  const task = tasks[position];
  if (!graph.isGroup(position) || task?.reused === true) return true;
  if (task !== undefined && makesOutput(task.definition)) return true;
  return task?.definition.executor !== undefined && task.output !== null;
}

interface OpenGroup {
  readonly group: number;
  readonly into: Record<string, Json>;
  readonly path: readonly (string | number)[];
}

function ownOutput(task: CopySourceTask | undefined): DeliveredOutput {
  return { output: task?.output ?? null, secrets: task?.outputSecrets, cut: task?.cut };
}

/** Turns the tasks that a copy takes into definitions with new ids, and carries over what is not run again. */
import type { TreeGraph } from '../validate/tree-graph.ts';
import { memberId } from '../validate/validate-tree.ts';
import type { CopyOverride } from './copy-options.ts';
import type { CopySelection } from './copy-selection.ts';
import type { CopySourceTask } from './copy-source.ts';
import type { CutPart } from '../run/cut-output.ts';
import { referencesBelow, type SecretReference } from '../run/secret-reference.ts';
import { templateOf } from './input-template.ts';
import { setOwn, type Json, type JsonObject } from './json.ts';
import { isTerminal } from './status.ts';
import type { Dependency, Priority, SettledOutcome, TaskDefinition, TaskId, TreeId } from './task.ts';

/** A selection of a tree. */
export interface CopiedTasks {
  readonly tasks: readonly CopySourceTask[];
  readonly graph: TreeGraph;
  readonly selection: CopySelection;
  readonly overrides: Readonly<Record<string, CopyOverride>>;
}

/** The definitions of the copies, in declared order. */
export function defineCopy(copied: CopiedTasks, treeId: TreeId): readonly TaskDefinition[] {
  const { tasks, graph, selection } = copied;
  const taken = tasks.flatMap((task, position) => (selection.has(position) ? [{ task, position }] : []));
  const ids = new Map<string, TaskId>();
  for (const [index, { task, position }] of taken.entries()) {
    ids.set(task.definition.id, graph.parentOf(position) < 0 ? treeId : memberId(treeId, index));
  }
  return taken.map(({ task, position }) =>
    selection.runs(position)
      ? defineAgain(task, ids, copied.overrides)
      : defineSettled(task, ids, groupOutput(copied, position)),
  );
}

type Ids = ReadonlyMap<string, TaskId>;

function defineAgain({ definition }: CopySourceTask, ids: Ids, overrides: CopiedTasks['overrides']): TaskDefinition {
  const { inputs, executor, priority, policies } = Object.hasOwn(overrides, definition.id)
    ? (overrides[definition.id] ?? {})
    : {};
  return {
    ...relinked(definition, ids),
    ...(inputs === undefined ? {} : { inputs }),
    ...(executor === undefined ? {} : { executor }),
    ...(priority === undefined ? {} : { priority: priority as Priority }),
    ...(policies === undefined ? {} : { policies }),
  };
}

/**
 * A task that keeps its end. What it depended on is left out unless the copy needs it for something else; its recorded input
 * then takes the place of the expressions that read it, so that this task too can be run again later.
 */
function defineSettled(task: CopySourceTask, ids: Ids, delivered: Delivered): TaskDefinition {
  const definition = relinked(task.definition, ids);
  const isCut = definition.dependencies.length < task.definition.dependencies.length;
  return {
    ...definition,
    ...(isCut && task.input !== undefined ? { inputs: templateOf(task.input, task.inputSecrets) } : {}),
    settled: outcomeOf(task, delivered),
  };
}

function outcomeOf(task: CopySourceTask, { output, secrets, cut }: Delivered): SettledOutcome {
  const { status, port, error, attempt, startedAtMs, endedAtMs } = task;
  return {
    status: isTerminal(status) ? status : 'completed',
    output,
    ...(secrets === undefined || secrets.length === 0 ? {} : { secrets }),
    ...(cut === undefined || cut.length === 0 ? {} : { cut }),
    ...(port === undefined ? {} : { port }),
    ...(error === undefined ? {} : { error }),
    attempt,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    reused: true,
  };
}

/** The definition with new ids; dependencies on tasks that are not copied are gone. */
function relinked(definition: TaskDefinition, ids: Ids): TaskDefinition {
  const { settled: _formerOutcome, parentId, ...kept } = definition;
  const newParent = parentId === undefined ? undefined : ids.get(parentId);
  return {
    ...kept,
    id: ids.get(definition.id) ?? definition.id,
    ...(newParent === undefined ? {} : { parentId: newParent }),
    dependencies: definition.dependencies.flatMap((dependency): readonly Dependency[] => {
      const task = ids.get(dependency.task);
      return task === undefined ? [] : [{ ...dependency, task }];
    }),
    originalTaskId: definition.id,
  };
}

/** An output, where secrets stand in it, and what of it is not whole. */
interface Delivered {
  readonly output: Json;
  readonly secrets?: readonly SecretReference[] | undefined;
  readonly cut?: readonly CutPart[] | undefined;
}

/**
 * What a kept task delivers. A group has no result of its own: its members' results are gathered, by key, because the copy may
 * hold only some of them. Only where a task that runs will read it: of groups inside groups that would be quadratic.
 */
function groupOutput({ tasks, graph, selection }: CopiedTasks, position: number): Delivered {
  const task = tasks[position];
  if (task === undefined || !graph.isGroup(position) || task.reused) return ownOutput(task);
  if (task.status !== 'completed' || !graph.targetsOf(position).some((target) => selection.runs(target)))
    return ownOutput(task);
  const output: Record<string, Json> = {};
  const secrets: SecretReference[] = [];
  const cut: CutPart[] = [];
  const stack: Gathering[] = [{ group: position, into: output, path: [] }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const child of graph.childrenOf(top.group)) {
      const member = tasks[child];
      if (member === undefined) continue;
      const { key } = member.definition;
      if (!graph.isGroup(child) || member.reused) {
        setOwn(top.into, key, member.output);
        const place = [...top.path, key];
        secrets.push(...referencesBelow(place, member.outputSecrets ?? []));
        for (const part of member.cut ?? []) cut.push({ ...part, path: [...place, ...part.path] });
        continue;
      }
      const into: Record<string, Json> = {};
      setOwn(top.into, key, into);
      stack.push({ group: child, into, path: [...top.path, key] });
    }
  }
  return { output: output satisfies JsonObject, secrets, cut };
}

interface Gathering {
  readonly group: number;
  readonly into: Record<string, Json>;
  readonly path: readonly string[];
}

function ownOutput(task: CopySourceTask | undefined): Delivered {
  return { output: task?.output ?? null, secrets: task?.outputSecrets, cut: task?.cut };
}

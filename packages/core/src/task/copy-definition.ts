/** Turns the tasks that a copy takes into definitions with new ids, and carries over what is not run again. */
import type { TreeGraph } from '../validate/tree-graph.ts';
import { memberId } from '../validate/validate-tree.ts';
import type { CopyOverride } from './copy-options.ts';
import type { CopySelection } from './copy-selection.ts';
import type { CopySourceTask } from './copy-source.ts';
import type { Json, JsonObject } from './json.ts';
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
function defineSettled(task: CopySourceTask, ids: Ids, output: Json): TaskDefinition {
  const definition = relinked(task.definition, ids);
  const isCut = definition.dependencies.length < task.definition.dependencies.length;
  return {
    ...definition,
    ...(isCut && task.input !== undefined ? { inputs: task.input } : {}),
    settled: outcomeOf(task, output),
  };
}

function outcomeOf(task: CopySourceTask, output: Json): SettledOutcome {
  const { status, port, error, attempt, startedAtMs, endedAtMs } = task;
  return {
    status: isTerminal(status) ? status : 'completed',
    output,
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

/**
 * What a kept task delivers. A group has no result of its own: its members' results are gathered, by key, because the copy may
 * hold only some of them. Only where a task that runs will read it: of groups inside groups that would be quadratic.
 */
function groupOutput({ tasks, graph, selection }: CopiedTasks, position: number): Json {
  const task = tasks[position];
  if (task === undefined || !graph.isGroup(position) || task.reused) return task?.output ?? null;
  if (task.status !== 'completed' || !graph.targetsOf(position).some((target) => selection.runs(target)))
    return task.output;
  const output: Record<string, Json> = {};
  const stack: { readonly group: number; readonly into: Record<string, Json> }[] = [{ group: position, into: output }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const child of graph.childrenOf(top.group)) {
      const member = tasks[child];
      if (member === undefined) continue;
      const { key } = member.definition;
      if (!graph.isGroup(child) || member.reused) {
        top.into[key] = member.output;
        continue;
      }
      const into: Record<string, Json> = {};
      top.into[key] = into;
      stack.push({ group: child, into });
    }
  }
  return output satisfies JsonObject;
}

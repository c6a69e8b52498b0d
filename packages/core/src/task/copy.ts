/**
 * Copies a task of a stored tree as a new tree (R-TV-06 to R-TV-09; spec: "Copy"). `copy-selection.ts` says which tasks are copied; this
 * file makes their definition. A copy shares no id with its source and can always be executed.
 */
import type { TaskId, TreeId } from '@coppice/extension';
import { refuse } from '../errors/rejection.ts';
import type { Outcome } from '../errors/rejection.ts';
import { findMissingDependents } from '../graph/dependents.ts';
import type { MissingDependent } from '../graph/dependents.ts';
import { createSpread } from '../graph/spread.ts';
import { createTreeGraph, visitBelow } from '../graph/tree-graph.ts';
import type { GraphTask, TreeGraph } from '../graph/tree-graph.ts';
import type { ValidationFacts } from '../validate/fields.ts';
import { refuseAll, siteOf, siteOfAll, violate, Violations } from '../validate/report.ts';
import type { Site } from '../validate/report.ts';
import { defineCopy } from './copy-definition.ts';
import type { CopyMode, CopyOptions } from './copy-options.ts';
import { checkOverrides } from './copy-overrides.ts';
import { selectForCopy } from './copy-selection.ts';
import type { CopyMakes, CopySelection } from './copy-selection.ts';
import type { CopySource, CopySourceTask } from './copy-source.ts';
import { isTerminal } from './status.ts';
import type { TreeDefinition } from './task.ts';

/** What making a copy needs beside the source. */
export interface CopyContext extends ValidationFacts {
  /** Id of the new tree. */
  readonly treeId: TreeId;
}

/** Answers the tree to create, or a rejection that names an unknown task, every missing dependent or every bad override. */
export function copyTree(
  source: CopySource,
  taskId: TaskId,
  request: { readonly options: CopyOptions; readonly context: CopyContext },
): Outcome<TreeDefinition> {
  const { options, context } = request;
  const tasks = source.tasks.filter(
    ({ deleted, definition }) => deleted !== true && definition.compensates === undefined,
  );
  const undone = new Set(source.tasks.map(({ definition }) => definition.compensates));
  const graph = createTreeGraph(tasks.map(graphTask));
  const top = graph.find(taskId);
  if (top === undefined) {
    return refuse('task/not-found', `There is no task '${taskId}' in tree '${source.treeId}'`, { data: { taskId } });
  }
  const violations = new Violations();
  const site = siteOfAll('The copy', violations.report);
  const rerun = rerunOf({ tasks, graph, top, options }, site);
  const selection = selectForCopy(graph, {
    rerun,
    isWhole: options.mode === 'full',
    // What was compensated is undone.
    mayKeep: (position) => mayKeep(tasks[position], options.mode) && !undone.has(tasks[position]?.definition.id),
    isRead: (position) => isRead(tasks[position], source.patches),
    cleansUp: (position) => tasks[position]?.definition.finally === true,
    makes: (position) => makesOf(tasks[position]),
    // A task that reads a variable sees the writes of all its ancestors.
    takesAncestors: source.patches !== undefined,
  });
  const missing =
    options.mode === 'custom' && options.includeDependents === false
      ? missingFrom(tasks, rerun, { graph, selection })
      : [];
  reportMissing(missing, siteOf(site, 'taskIds'));
  checkOverrides({ tasks, graph, selection, options, facts: context }, site);
  if (violations.count > 0) {
    return refuseAll(
      violations,
      missing.length === 0 ? {} : { missing: missing.map(({ taskId: id, via }) => ({ taskId: id, via })) },
    );
  }
  const copied = defineCopy(
    { tasks, graph, selection, overrides: options.overrides ?? {}, patches: source.patches },
    context.treeId,
  );
  const { inputs, variables, merges, declares, policies, baseDir } = source;
  return {
    ok: true,
    value: {
      treeId: context.treeId,
      tasks: copied,
      inputs,
      variables,
      ...(merges === undefined ? {} : { merges }),
      // Its outputs are made from all members of the root, of which a copy may lack some.
      ...(declares?.inputs === undefined ? {} : { declares: { inputs: declares.inputs } }),
      policies,
      ...(baseDir === undefined ? {} : { baseDir }),
      origin: { treeId: source.treeId, taskId },
    },
  };
}

/** What stands in the graph for a task: one that an executor made a group is one. */
function graphTask({ definition, group }: CopySourceTask): GraphTask {
  return group !== undefined && definition.executor !== undefined ? { ...definition, kind: 'group' } : definition;
}

/** What is below a group reads its inputs, what was given to it as a copy, and what was written to variables before them. */
function isRead(task: CopySourceTask | undefined, patches: CopySource['patches']): boolean {
  if (task === undefined) return false;
  if (patches?.leftBy(task) !== undefined) return true;
  const { inputs, declares, given } = task.definition;
  return given !== undefined || declares?.inputs !== undefined || Object.keys(inputs).length > 0;
}

function makesOf(task: CopySourceTask | undefined): CopyMakes {
  const multiplier = task?.definition.multiplier;
  if (multiplier === undefined) return task?.group !== undefined && isExecutor(task) ? 'members' : undefined;
  return multiplier.repeat === undefined ? 'members' : 'one after the other';
}

function isExecutor({ definition }: CopySourceTask): boolean {
  return definition.executor !== undefined;
}

/** A full copy keeps every outcome. Other copies keep the outcomes of completed tasks only, so that all other tasks run again. */
function mayKeep(task: CopySourceTask | undefined, mode: CopyMode | undefined): boolean {
  if (task === undefined) return false;
  return mode === 'full' ? isTerminal(task.status) : task.status === 'completed';
}

interface Request {
  readonly tasks: readonly CopySourceTask[];
  readonly graph: TreeGraph;
  readonly top: number;
  readonly options: CopyOptions;
}

/** The tasks that the copy is made for. They run again, whatever their outcome is. */
function rerunOf(request: Request, site: Site): readonly number[] {
  const { graph, options } = request;
  const spread = createSpread(graph);
  if (options.mode === 'custom') {
    const listed = listedOf(request, site);
    return options.includeDependents === false ? listed : [...listed, ...spread.from(listed)];
  }
  const subTree = withBelow(graph, request.top);
  const dependents = spread.from(subTree);
  if (options.mode === 'full' || !isFailedLeaf(request)) return [...subTree, ...dependents];
  // Copying a task that never started would only duplicate it. Groups are copied together with their members.
  const started = dependents.filter((position) => (request.tasks[position]?.attempt ?? 0) > 0);
  return [...subTree, ...started];
}

function isFailedLeaf({ tasks, graph, top }: Request): boolean {
  return tasks[top]?.status === 'failed' && graph.childrenOf(top).length === 0;
}

function listedOf({ graph, options }: Request, site: Site): readonly number[] {
  const ids = options.taskIds ?? [];
  const listed = new Set<number>();
  if (ids.length === 0) {
    violate(siteOf(site, 'taskIds'), 'tree/invalid', {
      what: 'is custom but lists no task',
      expected: 'at least one task id',
    });
  }
  for (const [index, id] of ids.entries()) {
    const position = graph.find(id);
    if (position !== undefined) listed.add(position);
    else
      violate(siteOf(site, 'taskIds', index), 'tree/invalid', {
        what: `lists '${id}', which is not in this tree`,
        actual: id,
      });
  }
  const hasListedBelow = new Set<number>();
  for (const position of listed) {
    for (let up = graph.parentOf(position); up >= 0 && !hasListedBelow.has(up); up = graph.parentOf(up))
      hasListedBelow.add(up);
  }
  return [...listed].flatMap((position) =>
    graph.isGroup(position) && !hasListedBelow.has(position) ? withBelow(graph, position) : [position],
  );
}

function withBelow(graph: TreeGraph, top: number): readonly number[] {
  const found = [top];
  visitBelow(graph, top, (position) => found.push(position) > 0);
  return found;
}

/** Dependents of the tasks that run again which the copy would not take. */
function missingFrom(
  tasks: readonly CopySourceTask[],
  rerun: readonly number[],
  { graph, selection }: { readonly graph: TreeGraph; readonly selection: CopySelection },
): readonly MissingDependent<TaskId>[] {
  const definitions = tasks.map(({ definition }) => definition);
  const ids = rerun.flatMap((position) => definitions[position]?.id ?? []);
  return findMissingDependents(definitions, ids).filter(({ taskId }) => !selection.has(graph.find(taskId) ?? -1));
}

function reportMissing(missing: readonly MissingDependent[], site: Site): void {
  for (const { taskId, via } of missing) {
    violate(site, 'tree/invalid', {
      what: `leaves out '${taskId}', which depends on '${via}'; list it, or set includeDependents`,
      expected: taskId,
    });
  }
}

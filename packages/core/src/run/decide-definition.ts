/** Changes the definitions of pending tasks, and deletes pending tasks from a tree. References and cycles were checked before. */
import type { TaskId } from '@coppice/extension';
import { refuse, type Violation } from '../errors/rejection.ts';
import { inWords, isRunTerminal, isTerminal, isUnderWay } from '../task/status.ts';
import type { TaskDefinition } from '../task/task.ts';
import { activate } from './end.ts';
import { changesDependencies, isScopeOpen } from './edges.ts';
import { deadOfNew } from './settled.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import type { DeadEdge } from './event.ts';
import type { Edge, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { unknownTask } from './unknown-task.ts';

export function decideUpdate(draft: Draft, definition: TaskDefinition): Refusal {
  const { run } = draft;
  const task = run.byId.get(definition.id);
  if (task === undefined) return unknownTask(run, definition.id);
  if (task.status !== 'pending') {
    return refuse(
      'task/invalid-transition',
      `${task.definition.name} (${task.id}) ${inWords(task.status)}; only a pending task can be changed. Copy it with overrides instead`,
      {
        data: { taskId: task.id, status: task.status },
      },
    );
  }
  const relink = changesDependencies(task, definition);
  if (relink) {
    const running = task.outgoing.filter((link) => link.target.status === 'running');
    if (running.length > 0) {
      return refuse(
        'task/invalid-transition',
        `${task.definition.name} has running dependents; its dependencies can not change now`,
        {
          data: { taskId: task.id, running: running.map((link) => link.target.id) },
        },
      );
    }
  }
  const missing = relink ? notExecuted(draft, task, definition) : undefined;
  if (missing !== undefined) {
    return refuse(
      'task/dependencies-unsatisfied',
      `${task.definition.name} can not wait for ${missing.definition.name} (${missing.id}), which this run does not execute. Wait for its end, and execute both`,
      { data: { taskId: task.id, unmet: [missing.id] } },
    );
  }
  const dead = relink ? deadAfter(draft, task, definition) : {};
  emit(draft, 'TaskUpdated', { taskId: task.id, data: { definition, ...dead } });
  if (!isUnderWay(run.status) || !task.selected) return undefined;
  const { ready } = activate(draft, [task], isScopeOpen);
  draft.actor = undefined;
  for (const taskId of ready ?? []) emit(draft, 'TaskDue', { taskId, data: {} });
  return undefined;
}

/** A source of a new dependency that never ends in this run. */
function notExecuted({ run }: Draft, task: TaskState, { dependencies }: TaskDefinition): TaskState | undefined {
  if (run.status === 'created' || isRunTerminal(run.status) || !task.selected) return undefined;
  const sources = dependencies.flatMap(({ task: id, enabled }) => (enabled ? (run.byId.get(id) ?? []) : []));
  return sources.find(({ selected, status }) => !selected && !isTerminal(status));
}

/** The new edges that are dead already, because their source has ended and does not fire them. */
function deadAfter(draft: Draft, target: TaskState, definition: TaskDefinition): { dead?: readonly DeadEdge[] } {
  const edges = definition.dependencies.flatMap((dependency, index): readonly Edge[] => {
    const source = draft.run.byId.get(dependency.task) as TaskState;
    return dependency.enabled ? [{ dependency, index, source, target, status: 'open', next: undefined }] : [];
  });
  return deadOfNew(edges, draft);
}

export function decideDelete(draft: Draft, taskId: TaskId): Refusal {
  const { run } = draft;
  const top = run.byId.get(taskId);
  if (top === undefined) return unknownTask(run, taskId);
  const errors = deletionProblems(draft, top);
  if (errors.length > 0) {
    return refuse(
      'task/cannot-delete',
      `${top.definition.name} (${top.id}) can not be deleted: ${errors.map((error) => error.reason).join('; ')}`,
      { errors },
    );
  }
  emit(draft, 'TasksDeleted', { data: { taskIds: subTree(top).map((task) => task.id) } });
  return undefined;
}

/** Every reason why a sub-tree can not be deleted. A root is deleted together with its log, so only an active run prevents that. */
export function deletionProblems({ run }: Pick<Draft, 'run'>, top: TaskState): Violation[] {
  const isActive = isUnderWay(run.status);
  const problem = (reason: string): Violation => ({ code: 'task/cannot-delete', path: ['taskId'], reason });
  if (top === run.root) return isActive ? [problem(`its run ${inWords(run.status)}; cancel it first`)] : [];
  const errors: Violation[] = [];
  const members = new Set(subTree(top));
  for (const task of members) {
    const { name } = task.definition;
    if (isActive && task.selected)
      errors.push(problem(`${name} (${task.id}) is part of a run that ${inWords(run.status)}`));
    else if (task.status !== 'pending' && !(isTerminal(task.status) && isRunTerminal(run.status)))
      errors.push(problem(`${name} (${task.id}) ${inWords(task.status)}`));
    for (const { target } of task.outgoing) {
      if (!members.has(target))
        errors.push(problem(`${target.definition.name} (${target.id}) depends on ${name} (${task.id})`));
    }
  }
  return errors;
}

/** What a run would do, from the events with which it begins: which tasks, and in which order at the earliest. */
import { isGroup } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';

type Definition = Extract<RunEvent, { type: 'TreeCreated' }>['data']['definition']['tasks'][number];

export interface PlannedTask {
  readonly key: string;
  readonly name: string;
  /** Names of the groups around it, outermost first; the root, which stands for the file, is left out. */
  readonly groups: readonly string[];
  readonly executor: string;
  /** Number of the stage, from 1. Tasks of one stage do not wait for each other. */
  readonly stage: number;
  /** Keys of the tasks and groups that it, or a group around it, names as dependencies. */
  readonly after: readonly string[];
}

/** Tasks with an executor that the run would execute, by stage, else in declared order. */
export function planOf(events: readonly RunEvent[]): readonly PlannedTask[] {
  const definitions = events.flatMap((event) => (event.type === 'TreeCreated' ? event.data.definition.tasks : []));
  const started = events.find((event) => event.type === 'RunStarted');
  const selection = started?.type === 'RunStarted' ? started.data.selection : undefined;
  const selected = selection === undefined ? undefined : new Set(selection);
  const tasks = new Map(definitions.filter(({ id }) => selected?.has(id) ?? true).map((task) => [task.id, task]));
  const stages = stagesOf(tasks);
  return [...tasks.values()]
    .flatMap((task) => (isGroup(task) ? [] : [{ ...placeOf(task, tasks), stage: stages.get(task.id) ?? 1 }]))
    .sort((a, b) => a.stage - b.stage);
}

function placeOf(task: Definition, tasks: ReadonlyMap<string, Definition>): Omit<PlannedTask, 'stage'> {
  const { key, name, executor = '' } = task;
  const groups: string[] = [];
  const after: string[] = [];
  for (let at: Definition | undefined = task; at !== undefined; at = above(at, tasks)) {
    if (at !== task && at.parentId !== undefined) groups.unshift(at.name);
    after.push(...at.dependencies.filter(({ enabled }) => enabled).map(({ task: id }) => tasks.get(id)?.key ?? id));
  }
  return { key, name, groups, executor, after };
}

function above({ parentId }: Definition, tasks: ReadonlyMap<string, Definition>): Definition | undefined {
  return parentId === undefined ? undefined : tasks.get(parentId);
}

/**
 * The longest way from the beginning to each task. A group has a beginning and an end: its members come after the one, the other after its
 * members. No recursion: a file may be deep.
 */
function stagesOf(tasks: ReadonlyMap<string, Definition>): ReadonlyMap<string, number> {
  const next = new Map<string, string[]>();
  const open = new Map<string, number>();
  const link = (from: string, to: string): void => {
    const targets = next.get(from);
    if (targets === undefined) next.set(from, [to]);
    else targets.push(to);
    open.set(to, (open.get(to) ?? 0) + 1);
  };
  for (const { id, parentId, dependencies } of tasks.values()) {
    link(begin(id), end(id));
    if (parentId !== undefined && tasks.has(parentId)) {
      link(begin(parentId), begin(id));
      link(end(id), end(parentId));
    }
    for (const { task, enabled } of dependencies) if (enabled && tasks.has(task)) link(end(task), begin(id));
  }
  const stages = new Map<string, number>();
  const queue = [...tasks.keys()].map(begin).filter((node) => !open.has(node));
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const stage = stages.get(node) ?? 0;
    const task = tasks.get(node.slice(1));
    // Groups take no time.
    const after = node.startsWith('<') && task !== undefined && !isGroup(task) ? stage + 1 : stage;
    for (const to of next.get(node) ?? []) {
      stages.set(to, Math.max(stages.get(to) ?? 0, after));
      const left = (open.get(to) ?? 0) - 1;
      open.set(to, left);
      if (left === 0) queue.push(to);
    }
  }
  return new Map([...tasks.keys()].map((id) => [id, stages.get(end(id)) ?? 1]));
}

const begin = (id: string): string => `<${id}`;
const end = (id: string): string => `>${id}`;

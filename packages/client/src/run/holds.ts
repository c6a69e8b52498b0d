/**
 * What keeps tasks of a run still: a pause, which its events tell, or a hold, which no event of a tree tells. Whoever shows the newest state
 * of a run sets what is held on its server; a state of the past has no holds.
 */
import type { Hold } from '@coppice/protocol';
import { pauseOf } from './pauses.ts';
import type { RunView, TaskView } from './run-view.ts';

/** What is held on the server of a run; all its tasks share it. */
export interface HeldNow {
  items: readonly Hold[];
}

/** Answers the tasks that may look different. */
export function setHolds(view: RunView, items: readonly Hold[]): readonly TaskView[] {
  if (items.length === 0 && view.held.items.length === 0) return [];
  view.held.items = items;
  return [...view.tasks.values()].filter(({ status }) => status === 'ready');
}

/** The hold that keeps a ready task from starting; undefined: none. A tag holds its task and all tasks below it. */
export function holdOf(task: TaskView): Hold | undefined {
  const { status, held } = task;
  if (held.items.length === 0 || status !== 'ready') return undefined;
  return held.items.find(({ target }) => {
    if (target.of === 'everything') return true;
    return target.of === 'executor' ? executorOf(task) === target.name : hasTag(task, target.name);
  });
}

/** The executor of its next attempt. */
function executorOf({ definition, port }: TaskView): string | undefined {
  const isFallback = port === 'fallback' && definition.fallback !== undefined;
  return (isFallback ? definition.fallback?.executor : undefined) ?? definition.executor;
}

function hasTag(task: TaskView, tag: string): boolean {
  for (let at: TaskView | undefined = task; at !== undefined; at = at.parent)
    if (at.definition.tags.includes(tag)) return true;
  return false;
}

/** What keeps a task still that would do something were it not for that; undefined for any other task. */
export function stillOf(
  task: TaskView,
): { readonly word: 'paused' | 'pausing' | 'held'; readonly reason: string | undefined } | undefined {
  const pause = pauseOf(task);
  if (pause !== undefined) return pause;
  const hold = holdOf(task);
  return hold === undefined ? undefined : { word: 'held', reason: hold.reason ?? undefined };
}

/** `paused · the database is moved`, of a task that is kept still; empty for any other. */
export function stillText(task: TaskView): string {
  const still = stillOf(task);
  return still === undefined ? '' : [still.word, ...(still.reason === undefined ? [] : [still.reason])].join(' · ');
}

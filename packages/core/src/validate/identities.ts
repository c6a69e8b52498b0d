/** How the tasks of a submission are named and referred to: all by id, or all by name (R-TV-01). */
import type { TaskSubmission } from '../task/submission.ts';
import { siteOf, siteOfAll, violate } from './report.ts';
import type { LazySite, Report, Site } from './report.ts';
import { createSuggest } from './suggestion.ts';
import type { Suggest } from './suggestion.ts';

/** The names of the tasks of one submission. */
export interface Identities {
  /** `id`: references are ids; `name`: references are names. */
  readonly mode: 'id' | 'name';
  /** Reference of each task by position; empty when it has none. */
  readonly keys: readonly string[];
  /** Position of the task that a reference means: the first of its name. */
  readonly positions: ReadonlyMap<string, number>;
  /** Suggests a known reference for an unknown one. */
  readonly suggest: Suggest;
  /** The task at a position, as a place for violations. */
  site(position: number): Site;
}

/** Names all tasks, and reports mixed modes, missing, empty and duplicate names. */
export function identify(tasks: readonly TaskSubmission[], report: Report): Identities {
  const mode = tasks.some((task) => task.id !== undefined) ? 'id' : 'name';
  const keys: string[] = [];
  const positions = new Map<string, number>();
  const site = (position: number): Site => siteAt(tasks, position, report);
  // One site function serves all tasks, because most tasks need no site.
  let at = 0;
  const siteHere = (): Site => site(at);
  for (let position = 0; position < tasks.length; position++) {
    const task = tasks[position] as TaskSubmission;
    at = position;
    checkNames(task, mode, siteHere);
    const key = (mode === 'id' ? task.id : task.name) ?? '';
    keys.push(key);
    if (isBlank(key)) continue;
    const first = positions.get(key);
    if (first === undefined) {
      positions.set(key, position);
      continue;
    }
    violate(siteOf(site(position), mode), 'tree/invalid', {
      what: `has the same ${mode} as task ${first}`,
      expected: `a unique ${mode}`,
      actual: key,
    });
  }
  return { mode, keys, positions, site, suggest: suggestReference(tasks, mode, positions) };
}

function siteAt(tasks: readonly TaskSubmission[], position: number, report: Report): Site {
  const task = tasks[position];
  const key = task?.id ?? task?.name ?? '';
  return siteOf(siteOfAll(isBlank(key) ? `Task ${position}` : `Task '${key}'`, report), 'tasks', position);
}

function checkNames(task: TaskSubmission, mode: Identities['mode'], site: LazySite): void {
  if (mode === 'id' && task.id === undefined) {
    violate(siteOf(site(), 'id'), 'tree/invalid', 'has no id, but other tasks have: give every task an id, or none');
  }
  if (mode === 'name' && task.name === undefined) {
    violate(siteOf(site(), 'name'), 'tree/invalid', { what: 'has neither id nor name', expected: 'a unique name' });
  }
  if (task.id !== undefined) checkWord(task.id, 'id', site);
  if (task.name !== undefined) checkWord(task.name, 'name', site);
}

function checkWord(word: string, field: 'id' | 'name', site: LazySite): void {
  if (isBlank(word)) violate(siteOf(site(), field), 'tree/invalid', { what: `has an empty ${field}`, actual: word });
}

/** Suggests a similar reference. In mode `id` the first suggestion is the id of a task with this name: the most likely mistake. */
function suggestReference(
  tasks: readonly TaskSubmission[],
  mode: Identities['mode'],
  positions: ReadonlyMap<string, number>,
): Suggest {
  const near = createSuggest({ [Symbol.iterator]: () => positions.keys() });
  let byName: Map<string, string> | undefined;
  return (word) => {
    if (mode === 'name') return near(word);
    byName ??= new Map(tasks.flatMap(({ id, name }) => (id === undefined || name === undefined ? [] : [[name, id]])));
    return byName.get(word) ?? near(word);
  };
}

function isBlank(word: string): boolean {
  return word.trim() === '';
}

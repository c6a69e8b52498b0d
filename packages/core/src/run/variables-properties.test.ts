/** Variables over generated trees: what a task sees is what the rule says, and does not depend on the order in which tasks end (R-SC-06). */
import type { Json, JsonObject } from '@coppice/extension';
import * as fc from 'fast-check';
import { treeSubmissions } from '@coppice/testkit';
import { describe, expect, it } from 'vitest';
import { isTerminal } from '../task/status.ts';
import { checkFold, Scenario } from './run.fixture.ts';
import { isEarlier } from './order-key.ts';
import { plainScope } from './task-expressions.ts';
import type { TaskState } from './state.ts';

const VARIABLES: JsonObject = {
  total: { value: 0, merge: 'sum' },
  most: { value: null, merge: 'max' },
  log: { value: ['start'], merge: 'append' },
  seen: { value: [], merge: 'union' },
  map: { value: {}, merge: 'deepMerge' },
  stage: 'new',
};

/** What a task writes, as a function of its key: some write nothing. */
function patchOf(key: string, salt: number): JsonObject | undefined {
  const n = Number(key.slice(1));
  const kind = (n * 7 + salt) % 4;
  if (kind === 0) return undefined;
  const stage = kind === 1 ? { stage: key } : {};
  return { total: n, most: n, log: key, seen: [n % 3], map: { [`k${n % 3}`]: { [key]: n } }, ...stage };
}

const isFailing = (key: string, salt: number): boolean => (Number(key.slice(1)) * 5 + salt) % 6 === 0;

/** Runs to the end; `next` chooses among what is ready. Answers what each task saw as it started. */
function finish(s: Scenario, salt: number, next: (ids: readonly string[]) => string): ReadonlyMap<string, Json> {
  const seen = new Map<string, Json>();
  s.execute();
  for (let ids = s.ids('ready'); ids.length > 0; ids = s.ids('ready')) {
    const id = next(ids);
    s.start(id);
    const { task } = { task: s.task(id) };
    seen.set(id, readAll(s, task));
    const { key } = task.definition;
    const patch = patchOf(key, salt);
    if (isFailing(key, salt)) s.fail(id, { retryable: false });
    else if (patch === undefined) s.complete(id, { of: key });
    else s.write(id, patch, { of: key });
  }
  return seen;
}

/** Every variable, `conflict` for one that can not be read. */
function readAll(s: Scenario, task: TaskState): Json {
  const vars = plainScope({ run: s.run, context: s.context() }, task)['vars'] as JsonObject;
  const read = (name: string): Json => {
    try {
      return vars[name] as Json;
    } catch {
      return 'conflict';
    }
  };
  return Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, read(name)]));
}

/** The rule, read off word by word: ancestors as a set, then depth, then declared order. */
function ruleFor(s: Scenario, task: TaskState, salt: number): Json {
  const before = new Map<TaskState, ReadonlySet<TaskState>>();
  const after = (source: TaskState): ReadonlySet<TaskState> => {
    if (source.startedAtMs === undefined) return new Set();
    const members =
      source.group?.members.filter(({ selected }) => selected).flatMap((member) => [...after(member)]) ?? [];
    return new Set([...ancestors(source), ...members, source]);
  };
  const ancestors = (at: TaskState): ReadonlySet<TaskState> => {
    const known = before.get(at);
    if (known !== undefined) return known;
    const counted = at.incoming.filter(
      ({ source, dependency }) => dependency.enabled && (at.definition.join !== 'any' || at.winner === source.id),
    );
    const found = new Set(counted.flatMap(({ source }) => [...after(source)]));
    if (at.scope.owner !== undefined) for (const each of ancestors(at.scope.owner)) found.add(each);
    before.set(at, found);
    return found;
  };
  const depth = (at: TaskState): number =>
    1 + Math.max(0, ...[...ancestors(at)].map(depth), ...(at.group?.members ?? []).map(depth));
  const writers = [...ancestors(task)]
    .filter((at) => s.run.patches?.get(at) !== undefined)
    .sort((a, b) => depth(a) - depth(b) || (isEarlier(a, b) ? -1 : 1));
  const patches = writers.map((at) => patchOf(at.definition.key, salt) as Record<string, Json>);
  const numbers = patches.map(({ total }) => total as number);
  const replacing = writers.filter((_, at) => patches[at]?.['stage'] !== undefined);
  const last = replacing.find((at) => replacing.every((other) => other === at || ancestors(at).has(other)));
  const map: Record<string, Record<string, Json>> = {};
  for (const patch of patches) {
    for (const [key, value] of Object.entries(patch['map'] as Record<string, JsonObject>))
      map[key] = { ...map[key], ...value };
  }
  return {
    total: numbers.reduce((a, b) => a + b, 0),
    most: numbers.length === 0 ? null : Math.max(...numbers),
    log: ['start', ...patches.map(({ log }) => log as Json)],
    seen: [...new Set(patches.flatMap(({ seen }) => seen as Json[]))],
    map,
    stage: replacing.length === 0 ? 'new' : last === undefined ? 'conflict' : last.definition.key,
  };
}

const trees = treeSubmissions({ maxTasks: 12, mode: 'id', conditions: ['status == "failed"'] });

describe('variables of generated trees', () => {
  it('each task sees the writes of its ancestors, once, in their order; the run ends with all of them', () => {
    fc.assert(
      fc.property(trees, fc.nat(11), ({ tasks }, salt) => {
        const s = new Scenario(tasks, { variables: VARIABLES, checks: false });
        const seen = finish(s, salt, ([first]) => first as string);
        for (const [id, values] of seen) expect(values, id).toEqual(ruleFor(s, s.task(id), salt));
        checkFold(s.run, s.log);
        const writers = s.run.tasks.filter((task) => s.run.patches?.get(task) !== undefined);
        const total = writers.reduce((sum, { definition: { key } }) => sum + Number(key.slice(1)), 0);
        expect(s.run.result?.variables?.['total'], JSON.stringify(s.run.result)).toBe(
          writers.length === 0 ? undefined : total,
        );
      }),
      { numRuns: 400 },
    );
  });

  it('is the same for all permutations of completion', () => {
    const small = treeSubmissions({ maxTasks: 7, mode: 'id', conditions: ['status == "failed"'] }).filter(({ tasks }) =>
      tasks.every(({ join }) => join !== 'any'),
    );
    fc.assert(
      fc.property(small, fc.nat(11), ({ tasks }, salt) => {
        let first: unknown;
        for (const order of orders(() => new Scenario(tasks, { variables: VARIABLES, checks: false }), salt)) {
          first ??= order;
          expect(order).toEqual(first);
        }
      }),
      { numRuns: 60 },
    );
  });
});

const ORDERS_MAX = 60;

/** What tasks saw, and the result, for each order in which tasks may end; each is tried from the start, as a list of choices. */
function* orders(start: () => Scenario, salt: number): Generator<unknown> {
  const open: number[][] = [[]];
  for (let count = 0; count < ORDERS_MAX; count++) {
    const choices = open.pop();
    if (choices === undefined) return;
    let at = 0;
    const s = start();
    const seen = finish(s, salt, (ids) => {
      const choice = choices[at];
      if (choice === undefined) {
        for (let other = 1; other < ids.length; other++)
          open.push([...choices.slice(0, at), ...Array.from({ length: at - choices.length }, () => 0), other]);
      }
      at++;
      return ids[choice ?? 0] as string;
    });
    expect(s.run.tasks.every(({ status, selected }) => !selected || isTerminal(status))).toBe(true);
    yield { seen: Object.fromEntries([...seen].sort(([a], [b]) => (a < b ? -1 : 1))), result: s.run.result };
  }
}

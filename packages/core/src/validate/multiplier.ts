/** Checks of multiplied tasks: what their multiplier says, and that nothing reaches into or out of what is copied. */
import type { Json, JsonObject } from '@coppice/extension';
import { GROWTH_DEFAULTS } from '../run/command.ts';
import { isJsonObject } from '../task/json-value.ts';
import { isGroup } from '../task/kind.ts';
import { isMultiplied, namesGiven, type MultiplierFields, type RepeatPolicy } from '../task/multiplier.ts';
import type { TaskSubmission } from '../task/submission.ts';
import type { ResolvedDependency } from './dependencies.ts';
import { INPUT_SCOPE } from './expression-scopes.ts';
import { checkRepeatCondition, checkTemplates, type Readable } from './expressions.ts';
import { checkNumber } from './policies.ts';
import { siteOf, violate, type LazySite, type Site } from './report.ts';
import { withNames } from './surroundings.ts';

/** Multiplied tasks inside each other at most. */
const NESTING_MAX = 8;

/** Copies of one repetition at most. */
const REPEAT_MAX = 100_000;

/** Checks the multiplier of a task, which most tasks do not have; `readableAt`: what its expressions may read, names that it gives left out. */
export function checkMultiplier(task: TaskSubmission, site: LazySite, readableAt: () => Readable): void {
  const { forEach, matrix, repeat, as, label } = task;
  if (!isMultiplied(task) && as === undefined && label === undefined) return;
  const said = Object.entries({ forEach, matrix, repeat }).filter(([, value]) => value !== undefined);
  if (said.length === 0) {
    for (const [field, value] of Object.entries({ as, label })) {
      if (value !== undefined)
        violate(siteOf(site(), field), 'tree/invalid', {
          what: `has ${field}, which says how the copies of a multiplied task are named, and is not multiplied`,
          expected: 'forEach, matrix or repeat beside it',
        });
    }
    return;
  }
  if (said.length > 1) {
    violate(siteOf(site(), said[1]?.[0] ?? ''), 'tree/invalid', {
      what: `has ${said.map(([field]) => field).join(' and ')}; a task has one multiplier`,
      expected: 'a group around it for the other',
    });
  }
  const readable = readableAt();
  if (forEach !== undefined) checkForEach(forEach, siteOf(site(), 'forEach'), readable);
  if (matrix !== undefined) checkMatrix(matrix, siteOf(site(), 'matrix'), readable);
  if (repeat !== undefined) checkRepeat(repeat, siteOf(site(), 'repeat'), readable);
  if (as !== undefined) checkName(as, siteOf(site(), 'as'), repeat !== undefined);
  if (label !== undefined) checkTemplates(label, siteOf(site(), 'label'), inside(task, readable));
}

/** What expressions inside a multiplied task read beside what they read around it. */
function inside(fields: MultiplierFields, readable: Readable): Readable {
  return { ...readable, facts: withNames(readable.facts, namesGiven(fields)) };
}

function checkForEach(forEach: Json, site: Site, readable: Readable): void {
  const isExpression = typeof forEach === 'string' && forEach.includes('${{');
  if (!isExpression && (typeof forEach !== 'object' || forEach === null)) {
    violate(site, 'tree/invalid', {
      what: 'has a forEach that is neither a list, an object nor an expression',
      expected: 'for example ${{ deps.list }}',
      actual: forEach,
    });
    return;
  }
  if (Array.isArray(forEach)) checkItemCount(forEach.length, site);
  checkTemplates(forEach, site, readable);
}

function checkItemCount(count: number, site: Site): void {
  // What is configured is compared when the group opens.
  if (count <= GROWTH_DEFAULTS.itemsMax) return;
  violate(site, 'limit/refused', {
    what: `has ${count} items, above the limit of ${GROWTH_DEFAULTS.itemsMax} of one group; split the list`,
    actual: count,
  });
}

function checkMatrix(matrix: JsonObject, site: Site, readable: Readable): void {
  const { include, exclude, ...axes } = matrix;
  let count = 1;
  for (const [axis, values] of Object.entries(axes)) {
    const isExpression = typeof values === 'string' && values.includes('${{');
    if (Array.isArray(values)) count *= values.length;
    else if (!isExpression)
      violate(siteOf(site, axis), 'tree/invalid', {
        what: `has an axis '${axis}' that is no list`,
        actual: values ?? null,
      });
  }
  if (Object.keys(axes).length === 0)
    violate(site, 'tree/invalid', { what: 'has a matrix without an axis', expected: 'a name with a list of values' });
  for (const [field, list] of Object.entries({ include, exclude })) {
    if (list === undefined || (Array.isArray(list) && list.every(isJsonObject))) continue;
    violate(siteOf(site, field), 'tree/invalid', {
      what: `has a matrix whose ${field} is no list of combinations`,
      expected: 'a list of maps from axes to values',
    });
  }
  if (exclude === undefined) checkItemCount(count, site);
  checkTemplates(matrix, site, readable);
}

function checkRepeat(repeat: RepeatPolicy, site: Site, readable: Readable): void {
  checkNumber(repeat.max, siteOf(site, 'max'), { min: 1, max: REPEAT_MAX, isWhole: true });
  checkNumber(repeat.delayMs, siteOf(site, 'delayMs'), { min: 0 });
  const around = inside({ repeat }, readable);
  for (const field of ['while', 'until'] as const) {
    const condition = repeat[field];
    if (condition !== undefined) checkRepeatCondition(condition, siteOf(site, field), around);
  }
}

function checkName(as: string, site: Site, isRepeat: boolean): void {
  const isTaken = INPUT_SCOPE.roots.includes(as) || as === 'index' || as === 'last';
  if (!isRepeat && !isTaken && /^[A-Za-z_]\w*$/.test(as) && !/^(?:in|true|false|null)$/.test(as)) return;
  violate(site, 'tree/invalid', {
    what: isRepeat
      ? 'names an item, but a repetition has none: its expressions read last and index'
      : `names its items '${as}', ${isTaken ? 'which means something else there' : 'which is no plain word'}`,
    expected: 'a plain word of its own',
    actual: as,
  });
}

/** What is checked of a whole tree that has multiplied tasks. */
export interface MultipliedTree {
  readonly tasks: readonly TaskSubmission[];
  readonly parents: Int32Array;
  /** For each task the nearest multiplied task above it, -1: none. */
  readonly holders: Int32Array;
  readonly dependencies: readonly (readonly ResolvedDependency[])[];
  readonly keys: readonly string[];
  readonly site: (position: number) => Site;
}

/** Reports dependencies that cross the border of what is copied, executors with children, and too deep nesting. */
export function checkMultiplied(tree: MultipliedTree): void {
  const { tasks, holders, parents, site } = tree;
  for (let position = 0; position < tasks.length; position++) {
    checkBorder(tree, position);
    const parent = parents[position] as number;
    const above = tasks[parent];
    if (above !== undefined && isMultiplied(above) && !isGroup(above) && above.executor !== undefined) {
      violate(siteOf(site(position), 'parentId'), 'tree/invalid', {
        what: `is below '${tree.keys[parent]}', which is multiplied and has an executor`,
        expected: 'a multiplied group around both',
      });
    }
    if (isMultiplied(tasks[position] as TaskSubmission)) checkNesting(holders, position, site);
  }
}

function checkNesting(holders: Int32Array, position: number, site: MultipliedTree['site']): void {
  let depth = 1;
  for (let at = holders[position] as number; at >= 0; at = holders[at] as number) depth++;
  if (depth !== NESTING_MAX + 1) return;
  violate(site(position), 'limit/refused', {
    what: `is multiplied inside ${NESTING_MAX} multiplied tasks, which is the limit`,
    actual: depth,
  });
}

function checkBorder({ holders, dependencies, keys, site }: MultipliedTree, position: number): void {
  for (const [index, { source }] of (dependencies[position] ?? []).entries()) {
    const holder = holders[position] as number;
    if (source < 0 || holders[source] === holder) continue;
    const outermost = (at: number): number => ((holders[at] as number) < 0 ? at : outermost(holders[at] as number));
    const isInto = holders[source] !== -1 && outermost(source) !== outermost(position);
    violate(siteOf(site(position), 'dependencies', index), 'tree/invalid-dependency', {
      what: isInto
        ? `depends on '${keys[source]}', of which there is one in each copy of '${keys[holders[source] as number]}'; depend on that`
        : `depends on '${keys[source]}' outside of '${keys[holder] ?? ''}', which is multiplied; put the dependency on that, and hand the value in by its inputs`,
      expected: 'a task inside the same copy',
      actual: keys[source],
    });
  }
}

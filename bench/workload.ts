/**
 * The workloads that every measured program runs: trees of tasks that do nothing (or sleep), so that what is left is the program itself.
 *
 * W1 a chain of 1,000 · W2 one task, 10,000 that depend on it, one that depends on them all · W3 1,000 trees of 6, 50 at a time ·
 * W4 10 layers of 100 with 3 dependencies each · W5 5 tasks of 1 s at once · W5b 3 tasks of 1 s one after the other.
 */

/** One task of a workload. Dependencies are declared before their dependents. */
export interface WorkTask {
  readonly name: string;
  readonly dependencies: readonly string[];
  /** Layer of a layered tree, from 0; 0 in all others. */
  readonly layer: number;
}

export interface Workload {
  readonly shape: 'chain' | 'fan' | 'layers' | 'independent';
  readonly trees: readonly (readonly WorkTask[])[];
  /** Tasks of one tree that may run at once. */
  readonly concurrency: number;
  /** Trees that may run at once. */
  readonly treesAtOnce: number;
  /** Each task takes this long, ms; 0: it does nothing. */
  readonly sleepMs: number;
}

export const WORKLOAD_NAMES = ['W1', 'W2', 'W3', 'W4', 'W5', 'W5b'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** The workload of that name. Throws for any other word. */
export function workloadName(word: string): WorkloadName {
  const name = WORKLOAD_NAMES.find((candidate) => candidate === word);
  if (name === undefined) throw new Error(`No workload "${word}"; there are ${WORKLOAD_NAMES.join(', ')}`);
  return name;
}

/** What a workload would take if nothing cost anything, ms. */
export const IDEAL_MS: Readonly<Partial<Record<WorkloadName, number>>> = { W5: 1_000, W5b: 3_000 };

const LAYER_DEPENDENCIES = 3;

/** A new copy of a workload. `isWarmUp`: a small one, to warm compilers and caches. */
export function createWorkload(name: WorkloadName, isWarmUp = false): Workload {
  switch (name) {
    case 'W1':
      return { shape: 'chain', trees: [chain(isWarmUp ? 100 : 1_000)], concurrency: 1, treesAtOnce: 1, sleepMs: 0 };
    case 'W2':
      return fan({ trees: 1, width: isWarmUp ? 1_000 : 10_000, concurrency: 100 });
    case 'W3':
      return fan({ trees: isWarmUp ? 100 : 1_000, width: 4, concurrency: 4 });
    case 'W4': {
      const tasks = layers(isWarmUp ? 3 : 10, isWarmUp ? 50 : 100);
      return { shape: 'layers', trees: [tasks], concurrency: 100, treesAtOnce: 1, sleepMs: 0 };
    }
    case 'W5':
      return {
        shape: 'independent',
        trees: [independent(5)],
        concurrency: 5,
        treesAtOnce: 1,
        sleepMs: isWarmUp ? 10 : 1_000,
      };
    case 'W5b':
      return { shape: 'chain', trees: [chain(3)], concurrency: 1, treesAtOnce: 1, sleepMs: isWarmUp ? 10 : 1_000 };
  }
}

/** Trees of one task, `width` tasks that depend on it, and one that depends on those; 50 trees at a time. */
export function fan(size: { readonly trees: number; readonly width: number; readonly concurrency: number }): Workload {
  const trees = Array.from({ length: size.trees }, () => fanTree(size.width));
  return { shape: 'fan', trees, concurrency: size.concurrency, treesAtOnce: 50, sleepMs: 0 };
}

export function countTasks(workload: Workload): number {
  return workload.trees.reduce((sum, tree) => sum + tree.length, 0);
}

/** Calls `run` for 0 to `count` - 1, at most `atOnce` at a time. */
export async function inLanes(count: number, atOnce: number, run: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, lane));
}

function task(name: string, dependencies: readonly string[], layer = 0): WorkTask {
  return { name, dependencies, layer };
}

export function chain(length: number): WorkTask[] {
  return Array.from({ length }, (_, index) => task(`t${index}`, index === 0 ? [] : [`t${index - 1}`]));
}

function fanTree(width: number): WorkTask[] {
  const middle = Array.from({ length: width }, (_, index) => task(`c${index}`, ['first']));
  const last = task(
    'last',
    middle.map(({ name }) => name),
  );
  return [task('first', []), ...middle, last];
}

export function independent(count: number): WorkTask[] {
  return Array.from({ length: count }, (_, index) => task(`t${index}`, []));
}

/** Each task depends on three tasks of the layer before, spread evenly by a fixed rule. */
export function layers(count: number, width: number): WorkTask[] {
  const tasks: WorkTask[] = [];
  for (let layer = 0; layer < count; layer++) {
    for (let place = 0; place < width; place++) {
      const sources =
        layer === 0
          ? []
          : Array.from({ length: LAYER_DEPENDENCIES }, (_, edge) => (place * 7 + edge * 31 + layer * 13) % width);
      tasks.push(
        task(
          `l${layer}-${place}`,
          sources.map((source) => `l${layer - 1}-${source}`),
          layer,
        ),
      );
    }
  }
  return tasks;
}

/** A witness that also takes down when each task began and ended. */
import { quantile, sorted } from './quantile.ts';
import { Witness } from './witness.ts';
import type { Workload } from './workload.ts';

interface Times {
  readonly startMs: number;
  endMs: number;
}

export class TimedWitness extends Witness {
  readonly #trees: readonly Map<string, Times>[];
  readonly #timed: Workload;

  constructor(workload: Workload) {
    super(workload);
    this.#timed = workload;
    this.#trees = workload.trees.map(() => new Map());
  }

  override async execute(tree: number, name: string): Promise<number> {
    const times = { startMs: performance.now(), endMs: NaN };
    this.#trees[tree]?.set(name, times);
    const output = await super.execute(tree, name);
    times.endMs = performance.now();
    return output;
  }

  /** What the tasks themselves took, one after the other along the longest way through the dependencies of any tree, ms. */
  criticalPathMs(): number {
    return Math.max(
      ...this.#timed.trees.map((tasks, tree) => {
        const times = this.#trees[tree] as Map<string, Times>;
        const ends = new Map<string, number>();
        for (const { name, dependencies } of tasks) {
          const { startMs, endMs } = times.get(name) as Times;
          const readyMs = Math.max(0, ...dependencies.map((dependency) => ends.get(dependency) as number));
          ends.set(name, readyMs + endMs - startMs);
        }
        return Math.max(...ends.values());
      }),
    );
  }

  /** From the end of the last dependency to the start of the task, µs, at two shares of all tasks that have dependencies. */
  latencies(): { readonly p50Us: number; readonly p99Us: number } {
    const waits = sorted(
      this.#timed.trees.flatMap((tasks, tree) =>
        tasks
          .filter((task) => task.dependencies.length > 0)
          .map(({ name, dependencies }) => {
            const times = this.#trees[tree] as Map<string, Times>;
            const lastEndMs = Math.max(...dependencies.map((dependency) => (times.get(dependency) as Times).endMs));
            return ((times.get(name) as Times).startMs - lastEndMs) * 1000;
          }),
      ),
    );
    return { p50Us: quantile(waits, 0.5), p99Us: quantile(waits, 0.99) };
  }
}

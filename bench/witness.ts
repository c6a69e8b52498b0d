/**
 * The work of a workload's tasks, and the witness of it: a program that skips a task, runs one twice, or runs one before
 * what it depends on has ended, is refused instead of looking fast.
 */
import { countTasks, type Workload } from './workload.ts';

export class Witness {
  readonly #workload: Workload;
  readonly #dependencies: readonly ReadonlyMap<string, readonly string[]>[];
  readonly #done: readonly Set<string>[];
  #executions = 0;
  /** `performance.now()` at the end of the last task. */
  lastEndMs = 0;

  constructor(workload: Workload) {
    this.#workload = workload;
    this.#dependencies = workload.trees.map((tree) => new Map(tree.map((task) => [task.name, task.dependencies])));
    this.#done = workload.trees.map(() => new Set());
  }

  get executions(): number {
    return this.#executions;
  }

  /** Does the work of one task. Rejects when a dependency of it has not ended. */
  async execute(tree: number, name: string): Promise<number> {
    const done = this.#done[tree] as Set<string>;
    const dependencies = this.#dependencies[tree]?.get(name);
    if (dependencies === undefined) throw new Error(`Tree ${tree} has no task ${name}`);
    for (const dependency of dependencies) {
      if (!done.has(dependency)) throw new Error(`Tree ${tree}: ${name} was started before ${dependency} had ended`);
    }
    const { sleepMs } = this.#workload;
    if (sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, sleepMs));
    done.add(name);
    this.#executions++;
    this.lastEndMs = performance.now();
    return 1;
  }

  /** Throws unless each task was executed exactly once. */
  check(): void {
    const expected = countTasks(this.#workload);
    const different = this.#done.reduce((sum, done) => sum + done.size, 0);
    if (different === expected && this.#executions === expected) return;
    throw new Error(`${this.#executions} executions of ${different} tasks, instead of one of each of ${expected}`);
  }
}

/**
 * What tasks have written to the variables of a run, and what each task sees of it: the initial values, folded with the writes of its
 * ancestors, each once, in the order of depth and declaration. A run without writers has none of this.
 *
 * Ancestors are what had ended before along dependencies, groups with their members. A task that never started has seen nothing. One with
 * the join `any` has seen what its winner saw. So what is seen follows from the outcomes, whatever the order in which they came.
 * Nothing is worked out before somebody reads. What was worked out is kept until a task is reset, linked anew or deleted.
 */
import type { JsonObject } from '@coppice/extension';
import type { Edge, RunState, TaskState, WrittenVariables } from '../run/state.ts';
import { mergeNameOf } from './declarations.ts';
import { union, withWriter, type WriterFacts, type Writers } from './writers.ts';

/** A moment of a task: before it starts, or its end. */
interface Moment {
  readonly task: TaskState;
  readonly isEnd: boolean;
}

interface Seen {
  readonly writers: Writers | undefined;
  /** Longest way of dependencies to here. */
  readonly depth: number;
}

export class Patches implements WrittenVariables {
  readonly #run: Pick<RunState, 'merges'>;
  /** Links whose values are kept, the newest last. */
  readonly kept: Writers[] = [];
  readonly #byTask = new Map<TaskState, JsonObject>();
  #starts = new Map<TaskState, Seen>();
  #ends = new Map<TaskState, Seen>();
  readonly #facts: WriterFacts = {
    depthOf: (task) => this.#at({ task, isEnd: true }).depth,
    seenBy: (task) => this.#at({ task, isEnd: false }).writers,
    isReplaced: (name) => mergeNameOf(this.#run.merges, name) === 'replace',
  };

  constructor(run: Pick<RunState, 'merges'>) {
    this.#run = run;
  }

  get(task: TaskState): JsonObject | undefined {
    return this.#byTask.get(task);
  }

  set(task: TaskState, patch: JsonObject): void {
    this.#byTask.set(task, patch);
    // A group that ends has read what its members wrote, without its own write.
    this.#ends.delete(task);
  }

  delete(task: TaskState): void {
    this.#byTask.delete(task);
  }

  /** Forgets what tasks have seen: the tree or its outcomes are others now. */
  forget(): void {
    this.#starts = new Map();
    this.#ends = new Map();
  }

  /** The writers that a task sees which is about to start, or has started. */
  seenBy(task: TaskState): Writers | undefined {
    return this.#at({ task, isEnd: false }).writers;
  }

  /** The writers that are seen when a task has ended: its own write among them, of a group those of its members. */
  seenAfter(task: TaskState): Writers | undefined {
    return this.#at({ task, isEnd: true }).writers;
  }

  /** All writers. */
  all(): Writers | undefined {
    const ends = [...this.#byTask.keys()].map((task) => this.#at({ task, isEnd: true }).writers);
    return union(ends, this.#facts);
  }

  #known({ task, isEnd }: Moment): Seen | undefined {
    return (isEnd ? this.#ends : this.#starts).get(task);
  }

  /** Not recursive: chains of dependencies may be long. */
  #at(asked: Moment): Seen {
    const stack = [asked];
    for (let moment = stack.at(-1); moment !== undefined; moment = stack.at(-1)) {
      if (this.#known(moment) === undefined) {
        const needed = momentsBefore(moment);
        const missing = needed.filter((each) => this.#known(each) === undefined);
        if (missing.length > 0) {
          stack.push(...missing);
          continue;
        }
        (moment.isEnd ? this.#ends : this.#starts).set(moment.task, this.#combine(moment, needed));
      }
      stack.pop();
    }
    return this.#known(asked) as Seen;
  }

  #combine({ task, isEnd }: Moment, needed: readonly Moment[]): Seen {
    const seen = needed.map((each) => this.#known(each) as Seen);
    const depth = seen.reduce((most, each) => Math.max(most, each.depth), 0) + (isEnd ? 1 : 0);
    const writers = union(
      seen.map((each) => each.writers),
      this.#facts,
    );
    const patch = isEnd ? this.#byTask.get(task) : undefined;
    return { writers: patch === undefined ? writers : withWriter(writers, { task, patch }), depth };
  }
}

/** The moments that have passed before. */
function momentsBefore({ task, isEnd }: Moment): readonly Moment[] {
  if (!isEnd) {
    const sources = task.incoming
      .filter((edge) => counts(task, edge))
      .map(({ source }) => ({ task: source, isEnd: true }));
    const { owner } = task.scope;
    return owner === undefined ? sources : [...sources, { task: owner, isEnd: false }];
  }
  if (task.startedAtMs === undefined) return [];
  const members = task.group?.members
    .filter(({ selected }) => selected)
    .map((member) => ({ task: member, isEnd: true }));
  return [{ task, isEnd: false }, ...(members ?? [])];
}

function counts(task: TaskState, { source, dependency }: Edge): boolean {
  if (!dependency.enabled) return false;
  return task.definition.join !== 'any' || task.winner === undefined || task.winner === source.id;
}

/** What tasks of the run have written; undefined: nothing. */
export function patchesOf({ patches }: Pick<RunState, 'patches'>): Patches | undefined {
  return patches as Patches | undefined;
}

/** A task's writes, kept with the run. */
export function notePatch(run: RunState, task: TaskState, patch: JsonObject | undefined): void {
  if (patch === undefined) run.patches?.delete(task);
  else ((run.patches ??= new Patches(run)) as Patches).set(task, patch);
}

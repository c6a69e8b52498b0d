/**
 * What tasks have written to the variables of a run, and what each task sees of it: the initial values, folded with the writes of its
 * ancestors, each once, in the order of depth and declaration. A run without writers has none of this.
 *
 * Ancestors are what had ended before along dependencies, groups with their members. A task that never started has seen nothing. One with
 * the join `any` has seen what its winner saw; a copy of a repetition what those before it saw and wrote. So what is seen follows from the outcomes, whatever the order in which they came.
 * Nothing is worked out before somebody reads. What was worked out is kept until a task is reset, linked anew or deleted.
 */
import type { JsonObject } from '@coppice/extension';
import { levelBelow } from '../run/order-key.ts';
import type { Edge, RunState, Scope, TaskState, WrittenVariables } from '../run/state.ts';
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
  /** By group, the member that stands for what was written inside of it before the members that it has. */
  readonly #ghosts = new Map<TaskState, TaskState>();
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

  leftBy(group: TaskState): JsonObject | undefined {
    const ghost = this.#ghosts.get(group);
    return ghost === undefined ? undefined : this.#byTask.get(ghost);
  }

  /**
   * Lets one member that is no part of the tree stand for what was written before the others: by copies of the repetition that have left, or
   * by the attempt that added the members.
   */
  leave(group: TaskState, patch: JsonObject): void {
    this.forgetLeft(group);
    const ghost = ghostOf(group);
    this.#ghosts.set(group, ghost);
    this.set(ghost, patch);
  }

  forgetLeft(group: TaskState): void {
    const ghost = this.#ghosts.get(group);
    if (ghost === undefined) return;
    this.#ghosts.delete(group);
    this.#byTask.delete(ghost);
  }

  /** What these members of a repetition have written, in order, after what had left it before. */
  writesOf(group: TaskState, members: readonly TaskState[]): readonly JsonObject[] {
    const last = members.findLast(({ scope }) => scope === group.group);
    if (last === undefined) return [];
    const wanted = new Set([this.#ghosts.get(group), ...members]);
    const writes: JsonObject[] = [];
    for (let at = this.seenAfter(last); at !== undefined; at = at.before)
      if (wanted.has(at.task)) writes.push(at.patch);
    return writes.reverse();
  }

  /** Tasks were added to the group: its end is another one now, and so are those of the groups around it. Nobody has seen them. */
  grow(group: TaskState): void {
    for (let at: TaskState | undefined = group; at !== undefined; at = at.scope.owner) this.#ends.delete(at);
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
        const needed = this.#momentsBefore(moment);
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

  /** The moments that have passed before. */
  #momentsBefore({ task, isEnd }: Moment): readonly Moment[] {
    if (!isEnd) return this.#beforeStart(task);
    if (task.startedAtMs === undefined) return [];
    const { members = [] } = task.group ?? {};
    const ghost = this.#ghosts.get(task);
    if (!isRepetition(task)) {
      const ends = members.filter(({ selected }) => selected).map(ended);
      return [{ task, isEnd: false }, ...(ghost === undefined ? ends : [ended(ghost), ...ends])];
    }
    const last = members.findLast(({ selected }) => selected) ?? ghost;
    return last === undefined ? [{ task, isEnd: false }] : [handsOn(last)];
  }

  #beforeStart(task: TaskState): readonly Moment[] {
    const { owner } = task.scope;
    const sources = task.incoming.filter((edge) => counts(task, edge)).map(({ source }) => ended(source));
    if (owner === undefined) return sources;
    // What is before it in the group has seen what the group saw.
    const former = this.#formerMember(owner, task);
    return [...sources, former === undefined ? { task: owner, isEnd: false } : handsOn(former)];
  }

  /** The copy before this one in a repetition, or what was written before the members of the group. */
  #formerMember(owner: TaskState, task: TaskState): TaskState | undefined {
    const ghost = this.#ghosts.get(owner);
    if (task === ghost) return undefined;
    if (!isRepetition(owner)) return ghost;
    const { members } = owner.group as Scope;
    return members[members.lastIndexOf(task) - 1] ?? ghost;
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

/** A member before all that are there. It has seen what the group saw as it began. */
function ghostOf(group: TaskState): TaskState {
  return {
    ...group,
    level: group.children[0]?.level ?? levelBelow(group),
    position: -1,
    scope: group.group as Scope,
    group: undefined,
    children: [],
    incoming: [],
    outgoing: [],
    startedAtMs: group.startedAtMs ?? 0,
  };
}

function ended(task: TaskState): Moment {
  return { task, isEnd: true };
}

/** What the next copy of a repetition sees. A copy that failed before it started hands on what it saw. */
function handsOn(copy: TaskState): Moment {
  return { task: copy, isEnd: copy.startedAtMs !== undefined };
}

function isRepetition({ definition }: TaskState): boolean {
  return definition.multiplier?.repeat !== undefined;
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

/** What was written inside of a group before the members that it has. */
export function noteLeft(run: RunState, group: TaskState, left: JsonObject | undefined): void {
  if (left === undefined) run.patches?.forgetLeft(group);
  else ((run.patches ??= new Patches(run)) as Patches).leave(group, left);
}

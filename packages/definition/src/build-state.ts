/** What is known of a definition while its submission is built. */
import type { DefinitionProblem } from './definition-source.ts';
import type { Origins, Place } from './place.ts';
import type { UsedFiles } from './used-files.ts';

/** A problem found while building, at its place. */
export interface BuildProblem extends Place {
  readonly message: string;
  /** Point at the key, not at its value. */
  readonly part?: 'key' | 'value' | undefined;
}

/** One use of a file: the tasks of the file are named below its own task. */
export interface Scope {
  /** Relative to the folder of the outermost file. */
  readonly file: string;
  /** What ids of the tasks begin with; empty in the outermost file. */
  readonly prefix: string;
  /** The file that uses this one. */
  readonly above: Scope | undefined;
}

/** A task as it will be submitted, and its place. */
export interface Entry {
  readonly task: Record<string, unknown>;
  readonly place: Place;
  readonly scope: Scope;
  /** Parts that come from elsewhere: paths into the task, and places. */
  readonly moved: [to: readonly (string | number)[], from: Place][];
  /** Policies of the file that the task uses. */
  readonly policies?: Place & { readonly value: unknown };
}

export interface BuildState {
  /** In declared order, parents before their nested children. */
  readonly entries: Entry[];
  readonly origins: Origins;
  readonly problems: BuildProblem[];
  readonly located: DefinitionProblem[];
  readonly files: UsedFiles;
  /** Files whose own problems have been told. */
  readonly checked: Set<string>;
  /** Times that a file is used. */
  uses: number;
}

/** Tasks below a task, or at the top of a file. */
export interface Members {
  readonly tasks: unknown;
  readonly place: Place;
  readonly parent: Parent | undefined;
  readonly scope: Scope;
}

export interface Parent {
  readonly reference: string | undefined;
  /** The members are written in a file that the parent uses. */
  readonly isUsed?: boolean;
}

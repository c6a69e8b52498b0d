/** What a caller submits: the shape of `tasks.create` (spec: "A task in tasks.create"). Types of fields are checked at the wire; meaning in `validate/`. */
import type { JsonObject } from './json.ts';
import type { Join, RunPolicies, TaskPolicies, Trigger } from './task.ts';

/** A dependency as submitted; a plain string is `{ task: string }`. */
export interface DependencySubmission {
  readonly task: string;
  readonly required?: boolean | undefined;
  readonly on?: readonly Trigger[] | undefined;
  /** Null: the primary port. */
  readonly port?: string | null | undefined;
  /** Null: none. */
  readonly condition?: string | null | undefined;
  readonly into?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly handles?: boolean | undefined;
}

/** A task as submitted. Either every task of a tree has an `id` and references are ids, or none has and references are unique names. */
export interface TaskSubmission {
  readonly id?: string | undefined;
  /** Required when there is no id; default: the id. */
  readonly name?: string | undefined;
  readonly parentId?: string | undefined;
  readonly executor?: string | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly dependencies?: readonly (string | DependencySubmission)[] | undefined;
  readonly join?: Join | undefined;
  readonly priority?: number | undefined;
  readonly policies?: TaskPolicies | undefined;
  readonly port?: string | undefined;
  readonly allowFailure?: boolean | undefined;
  readonly mustRun?: boolean | undefined;
  /** ISO 8601 time. */
  readonly notBefore?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** A whole submission. */
export interface TreeSubmission {
  readonly tasks: readonly TaskSubmission[];
  readonly inputs?: JsonObject | undefined;
  readonly variables?: JsonObject | undefined;
  readonly policies?: RunPolicies | undefined;
  /** Folder that relative paths in the tasks' inputs start from. */
  readonly baseDir?: string | undefined;
}

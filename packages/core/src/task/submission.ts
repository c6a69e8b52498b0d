/**
 * A submission: the parameters of `tasks.create` (spec: "A task in tasks.create"). The protocol checks the types of the fields, and
 * `validate/` checks their meaning.
 */
import type { Json, JsonObject } from '@coppice/extension';
import type { FieldName, FieldsWith } from './fields.ts';
import type { MultiplierFields } from './multiplier.ts';
import type { Declares } from './declared-inputs.ts';
import type { RunPolicies, TaskDefinition, Trigger } from './task.ts';

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

/** Fields that a caller writes as the definition has them. */
type SameFields = {
  readonly [
    Name in Exclude<
      FieldName,
      FieldsWith<{ readonly from: 'place' | 'copy' } | { readonly written: object }> | keyof OtherFields
    >
  ]?: TaskDefinition[Name] | undefined;
};

/** Fields that a caller writes in another form. */
interface OtherFields extends MultiplierFields {
  readonly id?: string | undefined;
  /** Required when there is no id; default: the id. */
  readonly name?: string | undefined;
  readonly parentId?: string | undefined;
  readonly dependencies?: readonly (string | DependencySubmission)[] | undefined;
  readonly priority?: number | undefined;
  /** ISO 8601 time. */
  readonly notBefore?: string | undefined;
  /** Of a group: what its output is made from when it ends. Default: its members' outputs by key. */
  readonly output?: Json | undefined;
}

/** A task as submitted. Either every task of a tree has an `id` and references are ids, or none has and references are unique names. */
export interface TaskSubmission extends SameFields, OtherFields {}

/** A whole submission. */
export interface TreeSubmission {
  readonly tasks: readonly TaskSubmission[];
  readonly inputs?: JsonObject | undefined;
  readonly variables?: JsonObject | undefined;
  /** What is said of the inputs and outputs of the tree. */
  readonly declares?: Declares | undefined;
  readonly policies?: RunPolicies | undefined;
  /** Folder that relative paths in the tasks' inputs start from. */
  readonly baseDir?: string | undefined;
}

/**
 * Every field of a task's definition, described once. Validation, rows and texts of a store, updates, copies and previews go by this table.
 * Its type is made from the definition's: a field without a description does not compile.
 */
import { parseTime } from '../validate/iso-time.ts';
import { checkNumber } from '../validate/policies.ts';
import { violate, type Site } from '../validate/report.ts';
import type { Dependency, TaskDefinition } from './task.ts';
import { isoText } from './time-limits.ts';

export type FieldName = keyof TaskDefinition;

/** What a task has that does not say. */
type Unsaid<Value> =
  /** This value; all those tasks share it. Undefined: it follows from something else, or there is none. */
  | { readonly default: Value | undefined }
  /** The field is absent from its definition; where all fields are shown, it is shown as this. */
  | { readonly absent: Value | null };

export type Field<Value> = Unsaid<Value> & {
  /** `caller`: as submitted. `place`: it follows from the other fields, or from the other tasks. `copy`: it says what the task is a copy of. */
  readonly from: 'caller' | 'place' | 'copy';
  /** True: `tasks.update` may change it. Else why it never changes. */
  readonly update: true | string;
  /** A copy may be given another one. */
  readonly override?: true;
  /** It says when and how the task does its work: what only holds the tasks of a copy together has it no more. */
  readonly isWork?: true;
  /** How callers write it, when not as the definition has it. */
  readonly written?: {
    readonly as: string;
    readonly read: (written: string) => Value | undefined;
    readonly show: (value: Value) => string;
  };
  /** Reports what is wrong with it as the caller wrote it, whatever the other fields say. */
  readonly check?: (written: never, site: Site) => void;
};

/** Values of all tasks that have none: a definition never changes. */
const EMPTY = Object.freeze({});
const EMPTY_LIST: readonly never[] = Object.freeze([]);

const STAYS = 'it is said when the task is created; copy the task instead';

/** In the order in which stores write them. A new field goes to the end. */
export const FIELDS = {
  id: { default: undefined, from: 'caller', update: 'an id is given once' },
  key: { default: undefined, from: 'place', update: 'dependencies and expressions refer to it' },
  name: { default: undefined, from: 'caller', update: true },
  parentId: {
    default: undefined,
    from: 'caller',
    update: 'a task stays where it is in its tree; copy it instead',
  },
  kind: { default: undefined, from: 'place', update: 'it follows from the executor', isWork: true },
  executor: {
    default: undefined,
    from: 'caller',
    update: 'a task keeps its executor; copy it with an override instead',
    override: true,
    isWork: true,
  },
  inputs: { default: EMPTY, from: 'caller', update: true, override: true, isWork: true },
  dependencies: { default: EMPTY_LIST, from: 'caller', update: true, isWork: true },
  join: { default: 'all', from: 'caller', update: STAYS, isWork: true },
  priority: {
    default: 2,
    from: 'caller',
    update: true,
    override: true,
    check: (priority: number, site) => checkNumber(priority, site, { min: 0, max: 3, isWhole: true }),
  },
  policies: { default: EMPTY, from: 'caller', update: true, override: true, isWork: true },
  port: {
    absent: null,
    from: 'caller',
    update: STAYS,
    isWork: true,
    check(port: string, site) {
      if (port === '') violate(site, 'tree/invalid', 'has an empty port; leave it out for the unnamed one');
    },
  },
  allowFailure: { default: false, from: 'caller', update: STAYS, isWork: true },
  mustRun: { absent: false, from: 'caller', update: STAYS, isWork: true },
  notBeforeMs: {
    absent: null,
    from: 'caller',
    update: STAYS,
    isWork: true,
    written: { as: 'notBefore', read: parseTime, show: isoText },
    check(notBefore: string, site) {
      if (parseTime(notBefore) !== undefined) return;
      violate(site, 'tree/invalid', {
        what: `has notBefore '${notBefore}', which is no time`,
        expected: 'an ISO 8601 time with zone, e.g. 2026-11-20T08:00:00Z',
        actual: notBefore,
      });
    },
  },
  capabilities: { default: EMPTY_LIST, from: 'caller', update: STAYS, isWork: true },
  tags: { default: EMPTY_LIST, from: 'caller', update: true },
  metadata: { default: EMPTY, from: 'caller', update: true },
  originalTaskId: { absent: null, from: 'copy', update: 'a copy stays the copy of its original' },
  settled: { absent: null, from: 'copy', update: 'what a copy carried over stays as it was' },
} as const satisfies { readonly [Name in FieldName]-?: Field<NonNullable<TaskDefinition[Name]>> };

/** Names of the fields whose description has these attributes. */
export type FieldsWith<Attributes> = {
  [Name in FieldName]: (typeof FIELDS)[Name] extends Attributes ? Name : never;
}[FieldName];

/** What a dependency has that does not say. One list for all edges: large trees have hundreds of thousands. */
export const DEPENDENCY_DEFAULTS: Pick<Dependency, 'required' | 'on' | 'enabled'> = {
  required: true,
  on: ['success'],
  enabled: true,
};

/**
 * Describes every field of a task's definition once. Validation, stores, updates, copies and previews read this table.
 * The compiler checks that it is complete: a field of the definition without a description does not compile.
 */
import type { Json } from '@coppice/extension';
import { parseTime } from '../validate/iso-time.ts';
import { checkNumber } from '../validate/policies.ts';
import { violate, type Site } from '../validate/report.ts';
import { checkNames, checkResources } from './demands.ts';
import type { Dependency, TaskDefinition } from './task.ts';
import { isoText } from './time-limits.ts';

export type FieldName = keyof TaskDefinition;

/** The value of a field that a submission leaves out. */
type Unsaid<Value> =
  /** The default value, which all these tasks share. Undefined: the value follows from other fields, or there is none. */
  | { readonly default: Value | undefined }
  /** The definition has no such field either. Where all fields are shown, this value is shown. */
  | { readonly absent: Value | null };

export type Field<Value> = Unsaid<Value> & {
  /** `caller`: the value is submitted. `place`: it follows from other fields or tasks. `copy`: it says what the task is a copy of. */
  readonly from: 'caller' | 'place' | 'copy';
  /** True: `tasks.update` may change the field. A text says why the field never changes. */
  readonly update: true | string;
  /** A copy may override the field. */
  readonly override?: true;
  /** The field says when and how the task works. In a copy, a task that only holds others together does not get it. */
  readonly isWork?: true;
  /** How callers write the field, when that differs from the definition. */
  readonly written?: {
    readonly as: string;
    readonly read: (written: never) => Value | undefined;
    readonly show: (value: Value) => unknown;
  };
  /** Checks the value that the caller wrote, without a look at other fields, and reports violations. */
  readonly check?: (written: never, site: Site) => void;
};

/** The shared empty value. Sharing is safe, because a definition never changes. */
const EMPTY = Object.freeze({});
const EMPTY_LIST: readonly never[] = Object.freeze([]);

const STAYS = 'it is said when the task is created; copy the task instead';

/** The fields in the order in which stores write them. A new field goes to the end. */
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
  multiplier: { absent: null, from: 'place', update: STAYS },
  given: { absent: null, from: 'place', update: 'it is made with the task' },
  outputTemplate: {
    absent: null,
    from: 'caller',
    update: STAYS,
    isWork: true,
    written: { as: 'output', read: (template: Json) => template ?? undefined, show: (template) => template },
  },
  when: { absent: null, from: 'caller', update: STAYS, isWork: true },
  fire: { absent: 'all', from: 'caller', update: STAYS, isWork: true },
  cancelOthers: { absent: false, from: 'caller', update: STAYS, isWork: true },
  wait: { absent: null, from: 'caller', update: STAYS, isWork: true },
  approval: { absent: null, from: 'caller', update: STAYS, isWork: true },
  set: { absent: null, from: 'caller', update: STAYS, isWork: true },
  finally: { absent: false, from: 'caller', update: STAYS, isWork: true },
  ref: {
    absent: null,
    from: 'caller',
    update: 'expressions refer to it',
    check(ref: string, site) {
      if (ref.trim() === '') violate(site, 'tree/invalid', 'has an empty ref; leave it out for the id or name');
    },
  },
  declares: { absent: null, from: 'caller', update: STAYS, isWork: true },
  locks: { absent: null, from: 'caller', update: STAYS, isWork: true, check: checkNames },
  rates: { absent: null, from: 'caller', update: STAYS, isWork: true, check: checkNames },
  resources: { absent: null, from: 'caller', update: STAYS, isWork: true, check: checkResources },
  compensate: { absent: null, from: 'caller', update: STAYS, isWork: true },
  compensates: { absent: null, from: 'place', update: 'it is made with the task' },
  fallback: { absent: null, from: 'caller', update: STAYS, isWork: true },
  left: { absent: null, from: 'copy', update: 'what a copy carried over stays as it was' },
} as const satisfies { readonly [Name in FieldName]-?: Field<NonNullable<TaskDefinition[Name]>> };

/** Names of the fields whose description has these attributes. */
export type FieldsWith<Attributes> = {
  [Name in FieldName]: (typeof FIELDS)[Name] extends Attributes ? Name : never;
}[FieldName];

/** Default values of a dependency. All edges share one list `on`, because large trees have hundreds of thousands of edges. */
export const DEPENDENCY_DEFAULTS: Pick<Dependency, 'required' | 'on' | 'enabled'> = {
  required: true,
  on: ['success'],
  enabled: true,
};

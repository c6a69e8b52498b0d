/**
 * Detaches a submission from its caller: values that the caller could still change are copied, so that definitions, events and stores can
 * share values. Texts and numbers never change, so most tasks of a large tree are used without a copy.
 */
import {
  refuse,
  type Json,
  type JsonObject,
  type Outcome,
  type RefusedOutcome,
  type TaskSubmission,
  type TreeSubmission,
} from '@coppice/core';
import { copyJson, isSameJson, NotJsonError } from '../json-copy.ts';

/** Answers the submission with copies of all values that the caller could still change. Refuses a value that JSON can not carry. */
export function detachSubmission(submission: TreeSubmission): Outcome<TreeSubmission> {
  // The list is copied at once: made by pushing, the list of a large tree would be copied again and again while it grows.
  const tasks = [...submission.tasks];
  const last: Shared = new Map();
  for (let position = 0; position < tasks.length; position++) {
    const task = tasks[position] as TaskSubmission;
    if (!isToBeCopied(task)) continue;
    const detached = detachTask(task, last) ?? detachValue(task, ['tasks', position]);
    if (!detached.ok) return detached;
    tasks[position] = detached.value;
  }
  const { inputs, variables, declares, policies, baseDir } = submission;
  const run = detachValue({ inputs, variables, declares, policies, baseDir }, []);
  return run.ok ? { ok: true, value: { ...run.value, tasks } } : run;
}

/** Copies a value of a request, so that the caller can not change it any more. Refuses a value that JSON can not carry. */
export function detachValue<T extends object>(value: T, path: readonly (string | number)[]): Outcome<T> {
  try {
    return { ok: true, value: copyJson(value) as unknown as T };
  } catch (error) {
    return notJson(error as Error, path);
  }
}

/** The same for the inputs of a run; undefined when none are given. */
export function detachInputs(inputs: JsonObject | undefined): Outcome<JsonObject | undefined> {
  return inputs === undefined ? { ok: true, value: undefined } : detachValue(inputs, ['inputs']);
}

/** True for a task with a value that the caller could change, or with a text that no store keeps. */
function isToBeCopied(task: TaskSubmission): boolean {
  for (const field in task) {
    const value = (task as Readonly<Record<string, unknown>>)[field];
    if (typeof value === 'string' ? !value.isWellFormed() : isValue(field, value)) return true;
  }
  return false;
}

/** The value that was copied last of each field. */
type Shared = Map<string, Json>;

/** The task with values that nobody can change. Equal values of tasks one after the other become one. Undefined: it is to be copied as a whole. */
function detachTask(task: TaskSubmission, last: Shared): Outcome<TaskSubmission> | undefined {
  if (Object.getPrototypeOf(task) !== Object.prototype) return undefined;
  const own: Record<string, unknown> = { ...task };
  for (const field in own) {
    const value = own[field];
    if (isValue(field, value)) {
      const known = last.get(field);
      if (known !== undefined && isSameJson(known, value)) own[field] = known;
      else {
        const detached = detachValue(value as object, []);
        if (!detached.ok) return undefined;
        own[field] = detached.value;
        last.set(field, detached.value as Json);
      }
    } else if (typeof value !== 'object' && !isFixed(value)) return undefined;
  }
  return { ok: true, value: own as unknown as TaskSubmission };
}

/** True for a value that nobody can change, and that JSON carries. */
function isFixed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value === 'boolean' || Number.isFinite(value) || value === undefined;
}

/** True for an object or a list. A list of dependencies counts only if a dependency holds a value: new objects are made of them anyway. */
function isValue(field: string, value: unknown): boolean {
  if (field === 'dependencies' && Array.isArray(value)) return !value.every(isFlat);
  return typeof value === 'object' && value !== null;
}

/** True for a text, and for a plain object of texts, booleans and what is absent. */
function isFlat(dependency: unknown): boolean {
  if (typeof dependency === 'string') return dependency.isWellFormed();
  if (typeof dependency !== 'object' || dependency === null) return false;
  if (Object.getPrototypeOf(dependency) !== Object.prototype) return false;
  for (const field in dependency) {
    const value = (dependency as Readonly<Record<string, unknown>>)[field];
    if (typeof value === 'string' ? !value.isWellFormed() : typeof value !== 'boolean' && value !== undefined)
      return false;
  }
  return true;
}

function notJson(error: Error, path: readonly (string | number)[]): RefusedOutcome {
  const reason = `${path.length === 0 ? '' : `${path.join('.')}: `}${error.message}`;
  const full = error instanceof NotJsonError ? [...path, ...error.path] : path;
  return refuse('tree/invalid', reason, { errors: [{ code: 'tree/invalid', path: full, reason }] });
}

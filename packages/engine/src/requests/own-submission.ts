/**
 * Takes over what a caller submits: values that may be changed from outside are copied, so that definitions, events and stores can
 * share what they hold. Text and numbers can not be changed, so most tasks of a large tree are taken as they are.
 */
import {
  refuse,
  type JsonObject,
  type Outcome,
  type Refused,
  type TaskSubmission,
  type TreeSubmission,
} from '@coppice/core';
import { copyJson, NotJsonError } from '../json-copy.ts';

/** The submission as nobody else holds it; refused when a value in it is none that JSON can carry. */
export function ownSubmission(submission: TreeSubmission): Outcome<TreeSubmission> {
  const tasks: TaskSubmission[] = [];
  for (const [position, task] of submission.tasks.entries()) {
    const own = holdsValues(task) || holdsMalformedText(task) ? ownValue(task, ['tasks', position]) : undefined;
    if (own?.ok === false) return own;
    tasks.push(own?.value ?? task);
  }
  const { inputs, variables, policies, baseDir } = submission;
  const run = ownValue({ inputs, variables, policies, baseDir }, []);
  return run.ok ? { ok: true, value: { ...run.value, tasks } } : run;
}

/** A value given with a request, as nobody else holds it. */
export function ownValue<T extends object>(value: T, path: readonly (string | number)[]): Outcome<T> {
  try {
    return { ok: true, value: copyJson(value) as unknown as T };
  } catch (error) {
    return notJson(error as Error, path);
  }
}

/** The inputs of a run, if any are given. */
export function ownInputs(inputs: JsonObject | undefined): Outcome<JsonObject | undefined> {
  return inputs === undefined ? { ok: true, value: undefined } : ownValue(inputs, ['inputs']);
}

function holdsValues({ inputs, policies, metadata, tags, capabilities, dependencies }: TaskSubmission): boolean {
  return (
    inputs !== undefined ||
    policies !== undefined ||
    metadata !== undefined ||
    tags !== undefined ||
    capabilities !== undefined ||
    dependencies?.some((dependency) => typeof dependency !== 'string') === true
  );
}

/** Texts that are not copied are looked at; a dependency that is no text is copied. */
function holdsMalformedText({ id, name, parentId, executor, port, notBefore, dependencies }: TaskSubmission): boolean {
  return (
    [id, name, parentId, executor, port, notBefore].some(isMalformed) ||
    dependencies?.some((dependency) => typeof dependency === 'string' && isMalformed(dependency)) === true
  );
}

function isMalformed(text: string | undefined): boolean {
  return text !== undefined && !text.isWellFormed();
}

function notJson(error: Error, path: readonly (string | number)[]): Refused {
  const reason = `${path.length === 0 ? '' : `${path.join('.')}: `}${error.message}`;
  const full = error instanceof NotJsonError ? [...path, ...error.path] : path;
  return refuse('tree/invalid', reason, { errors: [{ code: 'tree/invalid', path: full, reason }] });
}

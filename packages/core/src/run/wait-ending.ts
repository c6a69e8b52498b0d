/** How waits end: by their time, and by what comes for them. */
import type { Json, JsonObject, TaskError } from '@coppice/extension';
import type { SchemaIssue } from '../ports/schemas.ts';
import { APPROVED, REJECTED, type ApprovalDefinition, type WaitDefinition } from '../task/wait.ts';
import { isoText } from '../task/time-limits.ts';
import { fillDefaults } from '../validate/schema-defaults.ts';
import type { Draft } from './draft.ts';
import type { End } from './end.ts';
import type { SecretReference } from './secret-reference.ts';
import type { TaskState } from './state.ts';

/** Issues that a text names. */
const NAMED_MAX = 3;

/** What is wrong with a payload for a wait for a signal. */
export function mismatches({ context }: Draft, { input }: TaskState, payload: Json): readonly SchemaIssue[] {
  const schema = input?.['schema'] as JsonObject | undefined;
  return schema === undefined ? [] : context.schemas.check(schema, payload);
}

export function issuesText(issues: readonly SchemaIssue[]): string {
  const named = issues
    .slice(0, NAMED_MAX)
    .map(({ path, reason }) => (path.length === 0 ? reason : `${path.join('.')}: ${reason}`));
  return issues.length > NAMED_MAX ? `${named.join('; ')}; and ${issues.length - NAMED_MAX} more` : named.join('; ');
}

/** What an approval leaves behind. */
export interface Answered {
  readonly approved: boolean;
  /** Null: its time has passed. */
  readonly by: { readonly userId: string; readonly face: string } | null;
  readonly comment: string | null;
  readonly values: Json;
}

/** The end of an approval. */
export function answeredEnding({ atMs }: Draft, { approved, by, comment, values }: Answered, signal?: number): End {
  const output = { approved, by, at: isoText(atMs), comment, values };
  return { status: 'completed', output, port: approved ? APPROVED : REJECTED, signal };
}

/** The end of a wait whose time has passed. */
export function endingAtDueTime(draft: Draft, task: TaskState): End {
  const { definition, input = {} } = task;
  const { wait, approval } = definition;
  if (approval !== undefined) return unanswered(draft, task, approval);
  if (wait?.signal === undefined) return { status: 'completed', output: null };
  return wait.onTimeout === 'default'
    ? { status: 'completed', output: input['default'] ?? null, secrets: secretsOfDefault(task) }
    : { status: 'failed', error: timedOut(task, noSignal(wait)) };
}

function unanswered(draft: Draft, task: TaskState, { onTimeout, form }: ApprovalDefinition): End {
  if (onTimeout === undefined || onTimeout === 'fail') return { status: 'failed', error: timedOut(task, NO_ANSWER) };
  const approved = onTimeout === 'approve';
  const values = approved && form !== undefined ? fillDefaults((task.input?.['form'] ?? form) as JsonObject, {}) : {};
  return answeredEnding(draft, { approved, by: null, comment: null, values });
}

const NO_ANSWER = ['nobody answered', 'onTimeout: approve or reject'] as const;

function noSignal({ signal }: WaitDefinition): readonly [string, string] {
  return [`no signal '${signal}' came`, 'onTimeout: default'];
}

function timedOut({ definition: { name }, waiting }: TaskState, [what, remedy]: readonly [string, string]): TaskError {
  const until = waiting?.untilMs === undefined ? '' : ` until ${isoText(waiting.untilMs)}`;
  const message = `${name} has waited as long as it may: ${what}${until}. Raise its timeout or say ${remedy}; then retry from failure`;
  return { code: 'wait/timeout', message, retryable: false };
}

function secretsOfDefault({ inputSecrets }: TaskState): readonly SecretReference[] | undefined {
  const found = inputSecrets?.filter(({ path }) => path[0] === 'default');
  return found === undefined || found.length === 0
    ? undefined
    : found.map((reference) => ({ ...reference, path: reference.path.slice(1) }));
}

/** What a task waits for, or how it was answered, as the log tells it. */
import type { TaskView } from '@coppice/client';
import { isEnded } from '@coppice/client';
import type { Json, JsonObject } from '@coppice/protocol';
import { answerFields } from './answer-fields.ts';
import type { AnswerField } from './answer-fields.ts';
import { isJsonObject } from './json-object.ts';

export interface WaitFacts {
  readonly isApproval: boolean;
  readonly title: string;
  readonly text: string;
  /** Who may answer, and until when. */
  readonly facts: string;
  /** The same for somebody who may not. */
  readonly factsOfOthers: string;
  readonly fields: readonly AnswerField[];
}

/** Undefined: it does not wait for an answer or a signal. */
export function waitFacts({ waiting, definition, input }: TaskView): WaitFacts | undefined {
  if (waiting?.for !== 'wait' || waiting.signal === undefined) return undefined;
  const isApproval = definition.approval !== undefined;
  const approvers = input?.['approvers'];
  const who = isApproval && Array.isArray(approvers) ? approvers.map(String).join(', ') : 'the owner of the tree';
  const until = waiting.untilMs === undefined ? '' : ` Until ${new Date(waiting.untilMs).toLocaleString()}.`;
  const awaited = isApproval ? '' : `Waits for the signal ${waiting.signal}. `;
  const schema = input?.[isApproval ? 'form' : 'schema'] as JsonObject | undefined;
  return {
    isApproval,
    title: textOf(input?.['title']) || definition.name,
    text: textOf(input?.['text']),
    facts: `${awaited}May be answered by ${who}, or an admin.${until}`,
    factsOfOthers: `${awaited}Only ${who}, or an admin, may answer.${until}`,
    fields: isApproval && schema === undefined ? [] : answerFields(schema, 'Payload'),
  };
}

/** `Approved by anna: fine`; empty for what was not answered. */
export function answeredText({ definition, status, output, waiting }: TaskView): string {
  if (!isEnded(status) || waiting !== undefined) return '';
  if (definition.wait?.signal !== undefined && status === 'completed') return 'Its wait has ended.';
  if (definition.approval === undefined || !isJsonObject(output)) return '';
  const { approved, by, comment } = output;
  if (typeof approved !== 'boolean') return '';
  const who = isJsonObject(by) ? `by ${textOf(by['userId'])}` : 'because nobody answered in time';
  const why = textOf(comment);
  return `${approved ? 'Approved' : 'Rejected'} ${who}${why === '' ? '.' : `: ${why}`}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A task that waits as its work, in words. */
import type { TaskView } from './run-view.ts';
import { durationText } from './time-text.ts';

/** `waits for an answer: Ship it? · 2h 05m left`; empty for a task that waits for something else, or not. */
export function waitText({ waiting, definition, input }: TaskView, nowMs: number): string {
  if (waiting?.for !== 'wait') return '';
  const { untilMs, signal, reminders = 0 } = waiting;
  const left = untilMs === undefined ? undefined : durationText(Math.max(0, untilMs - nowMs));
  if (signal === undefined) return `goes on in ${left ?? ''}`;
  const title = typeof input?.['title'] === 'string' ? input['title'] : definition.name;
  const what = definition.approval === undefined ? `waits for the signal ${signal}` : `waits for an answer: ${title}`;
  const reminded = reminders === 0 ? '' : ` · reminded ${reminders === 1 ? 'once' : `${reminders} times`}`;
  return `${what}${left === undefined ? '' : ` · ${left} left`}${reminded}`;
}

/** `mia or 2 more`: who may answer a wait. */
export function answererText({
  approvers,
  userId,
}: {
  readonly approvers: readonly string[] | null;
  readonly userId: string;
}): string {
  const [first = userId, ...others] = approvers ?? [];
  return others.length === 0 ? first : `${first} or ${others.length} more`;
}

/** `1 signal that nobody waited for: go`; empty when there is none. */
export function unreadText(
  unread: { readonly count: number; readonly first: readonly { readonly name: string }[] } | undefined,
): string {
  if (unread === undefined) return '';
  const { count, first } = unread;
  const names = [...new Set(first.map(({ name }) => name))];
  return `${count === 1 ? 'A signal came' : `${count} signals came`} that nobody waited for: ${names.join(', ')}`;
}

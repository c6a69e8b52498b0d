/** Cancelled members of a scope, and scopes that will be cancelled. */
import type { Cancellation, RunState, Scope, TaskState } from './state.ts';

/** The first cancelled member that is not allowed to fail and has not lost a race. A scope with such a member never completes. */
export function findCancelled(run: RunState, scope: Scope): TaskState | undefined {
  if (run.counts.cancelled === 0) return undefined;
  return scope.members.find(
    ({ selected, status, reason, definition }) =>
      selected && status === 'cancelled' && reason?.code !== 'race' && !definition.allowFailure,
  );
}

/** Why a scope is cancelled, in words. */
export function cancelledBelow({ definition, group, reason }: TaskState): string {
  const why = reason?.message ?? 'Cancelled';
  return group !== undefined && reason?.code === 'scope' ? why : `${definition.name} was cancelled: ${why}`;
}

/** Why the scope is cancelled although its members may have ended in another way. What failed since that was noted counts more. */
export function cancellationOf({ closing, unhandled }: Scope): Cancellation | undefined {
  return closing?.cancelled === undefined || unhandled > closing.cancelled.unhandled
    ? undefined
    : closing.cancelled.why;
}

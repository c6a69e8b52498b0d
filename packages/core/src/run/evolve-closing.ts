/** What is noted of a group that is about to end. */
import type { Actor } from './actor.ts';
import type { GroupClosing } from './event.ts';
import type { Scope } from './state.ts';

export function noteClosing(
  scope: Scope,
  { cleanUp, compensation, cancelled, failed }: GroupClosing,
  actor: Actor | undefined,
): void {
  scope.closing = {
    ...scope.closing,
    isCleaningUp: cleanUp === true || scope.closing?.isCleaningUp === true,
    ...(compensation === true ? { isCompensating: true as const } : {}),
    ...(failed === undefined ? {} : { failed }),
    ...(cancelled === undefined
      ? {}
      : {
          cancelled: {
            why: actor === undefined ? cancelled : { ...cancelled, by: actor },
            unhandled: scope.unhandled,
          },
        }),
  };
}

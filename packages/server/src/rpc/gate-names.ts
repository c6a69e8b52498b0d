import type { Principal } from './caller.ts';

/** Gates are named after trees, users and what tasks call their locks and keys; a user learns of no other. What holds up an own task `tasks.explain` says. */
export function mayKnow({ role, userId }: Principal, gate: string): boolean {
  return (
    role === 'admin' ||
    gate === 'global' ||
    gate === 'submissions' ||
    gate === `user:${userId}` ||
    ['executor', 'resource', 'hold'].includes(gate.split(':')[0] ?? '') ||
    // A third part is a key, which tasks name.
    /^breaker:[^:]+$/.test(gate)
  );
}

/** Requests of people who end tasks by hand. */
import { EVENT_MEANING } from '@coppice/core';
import type { Engine } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import { detachValue } from './detach-submission.ts';
import { command } from './run-requests.ts';

export function createHandRequests(parts: EngineParts): Pick<Engine, 'endByHand'> {
  return {
    async endByHand(taskId, { ending, reason, actor }) {
      const given = detachValue({ ending, reason }, []);
      if (!given.ok) return given;
      const decided = await command(parts, taskId, () => ({ type: 'endByHand', taskId, ...given.value, actor }));
      if (!decided.ok) return decided;
      const { treeId, status, events } = decided.value;
      // Who caused it is on what ended by the request itself, and on nothing that follows from it.
      const ended = events.filter(
        ({ type, data }) =>
          EVENT_MEANING[type].task === 'ends' && 'reason' in data && (data.reason as { code: string }).code === 'user',
      );
      return { ok: true, value: { treeId, status, taskCount: ended.length } };
    },
  };
}

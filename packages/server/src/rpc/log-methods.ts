/** What tasks write while they work. */
import { logLineToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse } from './answer.ts';
import { findOwnTask } from './ownership.ts';
import type { Implementations, Services } from './services.ts';

export function logMethods({ engine, stopping }: Services): Implementations<'tasks.logs'> {
  return {
    'tasks.logs': async ({ taskId, attempt, after, last, limit, waitMs }, { principal }) => {
      if (after !== undefined && last !== undefined) {
        const reason = 'give "after" or "last", not both';
        return refuse('rpc/invalid-params', `Params of tasks.logs: ${reason}.`, {
          errors: [{ path: ['last'], reason }],
        });
      }
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const begin = last === undefined ? (after ?? 0) : { last };
      const page = await engine.logs({ taskId: task.value.id, attempt, after: begin, limit, waitMs, signal: stopping });
      if (!page.ok) return page;
      const { lines, nextOffset, hasEnded } = page.value;
      return answer({ items: lines.map(logLineToWire), next: nextOffset, ended: hasEnded });
    },
  };
}

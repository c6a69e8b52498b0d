/** What a session asks of its server: reasons, decisions and answers, which no event of the tree tells. */
import type { Client } from '@coppice/client';
import type { RunSessionOptions } from './run-session.ts';

export function serverAnswers(client: Client): Required<Pick<RunSessionOptions, 'explain' | 'decide' | 'answer'>> {
  return {
    explain: async (taskId) => (await client.tasks.explain({ taskId })).summary,
    decide: async (treeId, taskId, seq) => {
      const moment = seq === undefined ? {} : { seq };
      const { items, gates } = await client.tasks.graph({ treeId, taskIds: [taskId], ...moment });
      return { taskId, edges: items[0]?.edges ?? [], gates };
    },
    answer: async (taskId, given) => {
      await client.waits.answer({ taskId, ...given });
    },
  };
}

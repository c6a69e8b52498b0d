/** What a session asks of its server: reasons, decisions and answers, which no event of the tree tells. */
import type { Client } from '@coppice/client';
import type { RunSessionOptions } from './run-session.ts';

export function serverAnswers(client: Client): Required<Pick<RunSessionOptions, 'explain' | 'decide' | 'answer'>> {
  return {
    explain: async (taskId) => {
      const { summary, blockedBy } = await client.tasks.explain({ taskId });
      if (!blockedBy.some(({ kind }) => kind === 'signal')) return { summary };
      const [wait] = (await client.waits.list({ taskId })).items;
      return { summary, mayAnswer: wait?.mayAnswer };
    },
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

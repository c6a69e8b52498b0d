/** Methods that show what happened and happens: events, subscriptions, attempts, explanations. */
import { eventToWire } from '../wire/event-to-wire.ts';
import { attemptToWire, explanationToWire, failurePageToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse } from './answer.ts';
import { ownTasks } from './run-methods.ts';
import { findOwnTask, findOwnTree, listedUser } from './ownership.ts';
import { findEvents } from './find-events.ts';
import type { Implementations, Services } from './services.ts';

type Names =
  'tasks.events' | 'tasks.subscribe' | 'tasks.unsubscribe' | 'tasks.attempts' | 'tasks.failures' | 'tasks.explain';

export function observingMethods({ engine }: Services): Implementations<Names> {
  return {
    'tasks.events': async ({ treeId, afterSeq, limit, ...filter }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const id = tree.value.treeId;
      if (filter.taskId !== undefined || filter.search !== undefined) {
        const found = await findEvents(engine, tree.value, { afterSeq, limit, ...filter });
        return found.ok ? answer(found.value) : found;
      }
      const events = await engine.events(id, { afterSeq, limit });
      if (!events.ok) return events;
      const lastRead = events.value.at(-1)?.seq ?? 0;
      return answer({
        items: events.value.map((event) => eventToWire(id, event)),
        lastSeq: Math.max(tree.value.seq, lastRead),
      });
    },
    'tasks.subscribe': async ({ treeId, userId, afterSeq, groups }, { principal, subscriptions, answered }) => {
      if (subscriptions === undefined) {
        return refuse(
          'rpc/invalid-request',
          'This transport can not carry notifications. Use WebSocket or stdio, or GET /events?treeId=….',
        );
      }
      if (treeId === undefined) {
        if (groups !== undefined) return refuseGroups();
        const listed = listedUser(principal, userId);
        if (!listed.ok) return listed;
        const opened = subscriptions.open({ userId: listed.value }, answered);
        return opened.ok ? answer({ subscriptionId: opened.value }) : opened;
      }
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const watched = await ownTasks(engine, tree.value.treeId, groups);
      if (!watched.ok) return watched;
      const opened = subscriptions.open(
        { treeId: tree.value.treeId, userId, afterSeq, groups: watched.value },
        answered,
      );
      return opened.ok ? answer({ subscriptionId: opened.value }) : opened;
    },
    'tasks.unsubscribe': ({ subscriptionId }, { subscriptions }) =>
      answer({ ended: subscriptions?.close(subscriptionId) ?? false }),
    'tasks.attempts': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const attempts = await engine.attempts(task.value.id);
      return attempts.ok ? answer({ items: attempts.value.map(attemptToWire) }) : attempts;
    },
    'tasks.failures': async ({ treeId, tolerated, limit, cursor }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const after = cursor === undefined ? undefined : Number(cursor);
      const page = await engine.failures(tree.value.treeId, { isTolerated: tolerated, after, limit });
      return page.ok ? answer(failurePageToWire(page.value)) : page;
    },
    'tasks.explain': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const explanation = await engine.explain(task.value.id);
      return explanation.ok ? answer(explanationToWire(explanation.value)) : explanation;
    },
  };
}

function refuseGroups(): ReturnType<typeof refuse> {
  const reason = 'groups belong to one tree: give its "treeId", too';
  return refuse('rpc/invalid-params', `"groups" can not be used: ${reason}.`, {
    errors: [{ path: ['groups'], reason }],
  });
}

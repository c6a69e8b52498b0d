/** Methods that show what happened and happens: events, subscriptions, attempts, explanations. */
import { graphToWire } from '../wire/graph-to-wire.ts';
import { eventToWire } from '../wire/event-to-wire.ts';
import { attemptToWire, explanationToWire, failurePageToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse } from './answer.ts';
import { findOwnTask, findOwnTree, listedUser } from './ownership.ts';
import type { Implementations, Services } from './services.ts';

type Names =
  | 'tasks.graph'
  | 'tasks.events'
  | 'tasks.subscribe'
  | 'tasks.unsubscribe'
  | 'tasks.attempts'
  | 'tasks.failures'
  | 'tasks.explain';

export function observingMethods({ engine }: Services): Implementations<Names> {
  return {
    'tasks.events': async ({ treeId, afterSeq, limit }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const id = tree.value.treeId;
      const events = await engine.events(id, { afterSeq, limit });
      if (!events.ok) return events;
      const lastRead = events.value.at(-1)?.seq ?? 0;
      return answer({
        items: events.value.map((event) => eventToWire(id, event)),
        lastSeq: Math.max(tree.value.seq, lastRead),
      });
    },
    'tasks.subscribe': async ({ treeId, userId, afterSeq }, { principal, subscriptions, answered }) => {
      if (subscriptions === undefined) {
        return refuse(
          'rpc/invalid-request',
          'This transport can not carry notifications. Use WebSocket or stdio, or GET /events?treeId=….',
        );
      }
      if (treeId === undefined) {
        const listed = listedUser(principal, userId);
        if (!listed.ok) return listed;
        const opened = subscriptions.open({ userId: listed.value }, answered);
        return opened.ok ? answer({ subscriptionId: opened.value }) : opened;
      }
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const opened = subscriptions.open({ treeId: tree.value.treeId, userId, afterSeq }, answered);
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
    'tasks.graph': async ({ treeId, seq, limit, cursor }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      if (!tree.ok) return tree;
      const last = tree.value.seq;
      if (seq !== undefined && seq > last) return refuseSeq(seq, last);
      const after = cursor === undefined ? undefined : Number(cursor);
      const page = await engine.graph(tree.value.treeId, { seq, after, limit });
      return page.ok ? answer(graphToWire(page.value)) : page;
    },
    'tasks.explain': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const explanation = await engine.explain(task.value.id);
      return explanation.ok ? answer(explanationToWire(explanation.value)) : explanation;
    },
  };
}

function refuseSeq(seq: number, last: number): ReturnType<typeof refuse> {
  const reason = `the last event of the tree is ${last}`;
  return refuse('rpc/invalid-params', `There is no event ${seq}: ${reason}.`, {
    errors: [{ path: ['seq'], reason, expected: `1 to ${last}`, actual: seq }],
  });
}

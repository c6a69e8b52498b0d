/**
 * The subscriptions of one connection.
 *
 * 1. No notification of a subscription precedes the answer that names it.
 * 2. Notifications keep the order of commits; the engine is not read faster than the connection takes them.
 * 3. Closing the connection ends them all.
 */
import { randomUUID } from 'node:crypto';
import type { TreeId } from '@coppice/core';
import type { Engine, SubscribeOptions } from '@coppice/engine';
import type { NotificationName, NotificationParams } from '@coppice/protocol';
import { alertToWire } from '../wire/gate-to-wire.ts';
import { holdToWire } from '../wire/observation-to-wire.ts';
import { eventText, progressText } from '../wire/shared-text.ts';
import { answer, refuse } from './answer.ts';
import type { Answer } from './answer.ts';

/** Takes the text of a notification; a promise means "wait before the next one". */
export type NotificationSink = (text: string) => void | Promise<void>;

export interface SubscriptionsOptions {
  readonly engine: Engine;
  readonly send: NotificationSink;
  /** Subscriptions that may be open at once. */
  readonly max: number;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #open = new Map<string, () => void>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Opens a subscription and answers its id; what happens from now on is delivered once `answered` resolves. */
  open(options: SubscribeOptions, answered: Promise<void>): Answer<string> {
    const { engine, send, max } = this.#options;
    if (this.#open.size >= max) {
      return refuse('limit/refused', `This connection has ${max} subscriptions already; unsubscribe from one first.`, {
        data: { limit: max },
      });
    }
    const subscriptionId = randomUUID();
    let lastSeq = options.afterSeq ?? 0;
    let isAnswered = false;
    void answered.then(() => (isAnswered = true));
    /** Now, or as soon as the caller knows the id; not at all once it is closed. */
    const deliver = (notification: () => string): void | Promise<void> => {
      const sendIfOpen = (): void | Promise<void> =>
        this.#open.has(subscriptionId) ? send(notification()) : undefined;
      return isAnswered ? sendIfOpen() : answered.then(sendIfOpen);
    };
    const unsubscribe = engine.subscribe(options, {
      event: (treeId, event) =>
        deliver(() => {
          const text = notificationText('tasks.event', subscriptionId, `"event":${eventText(treeId, event)}`);
          if (options.treeId !== undefined) lastSeq = event.seq;
          return text;
        }),
      progress: (progress) =>
        deliver(() => notificationText('tasks.progress', subscriptionId, `"progress":${progressText(progress)}`)),
      deleted: (treeId) =>
        deliver(() => notificationText('tasks.deleted', subscriptionId, `"treeId":${JSON.stringify(treeId)}`)),
      holds: (holds) =>
        deliver(() =>
          notificationText('holds.changed', subscriptionId, `"items":${JSON.stringify(holds.map(holdToWire))}`),
        ),
      gateAlert: (alert) =>
        deliver(() =>
          notificationText('limits.alert', subscriptionId, `"alert":${JSON.stringify(alertToWire(alert))}`),
        ),
      end: (reason) => {
        const treeId: TreeId | null = options.treeId ?? null;
        return deliver(() => {
          this.close(subscriptionId);
          const params: NotificationParams<'tasks.subscriptionEnded'> = { subscriptionId, reason, treeId, lastSeq };
          return JSON.stringify({ jsonrpc: '2.0', method: 'tasks.subscriptionEnded', params });
        });
      },
    });
    this.#open.set(subscriptionId, unsubscribe);
    return answer(subscriptionId);
  }

  /** False: there is no such subscription. */
  close(subscriptionId: string): boolean {
    const unsubscribe = this.#open.get(subscriptionId);
    if (unsubscribe === undefined) return false;
    this.#open.delete(subscriptionId);
    unsubscribe();
    return true;
  }

  closeAll(): void {
    for (const subscriptionId of this.#open.keys()) this.close(subscriptionId);
  }
}

/** `member`: what is told, as text that all subscribers share; only the id differs between them. */
function notificationText(method: NotificationName, subscriptionId: string, member: string): string {
  return `{"jsonrpc":"2.0","method":"${method}","params":{"subscriptionId":"${subscriptionId}",${member}}}`;
}

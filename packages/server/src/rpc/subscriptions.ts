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
import type { Notification, NotificationParams } from '@coppice/protocol';
import { eventToWire } from '../wire/event-to-wire.ts';
import { progressToWire } from '../wire/observation-to-wire.ts';
import { answer, refuse } from './answer.ts';
import type { Answer } from './answer.ts';

/** Takes a notification; a promise means "wait before the next one". */
export type NotificationSink = (notification: Notification) => void | Promise<void>;

export interface SubscriptionsOptions {
  readonly engine: Engine;
  readonly send: NotificationSink;
  /** Subscriptions that may be open at once. */
  readonly max: number;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

type EndReason = NotificationParams<'tasks.subscriptionEnded'>['reason'];

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
    const { engine, send, max, stopping } = this.#options;
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
    const deliver = (notification: () => Notification): void | Promise<void> => {
      const sendIfOpen = (): void | Promise<void> =>
        this.#open.has(subscriptionId) ? send(notification()) : undefined;
      return isAnswered ? sendIfOpen() : answered.then(sendIfOpen);
    };
    const unsubscribe = engine.subscribe(options, {
      event: (treeId, event) =>
        deliver(() => {
          if (options.treeId !== undefined) lastSeq = event.seq;
          return { method: 'tasks.event', params: { subscriptionId, event: eventToWire(treeId, event) } };
        }),
      progress: (progress) =>
        deliver(() => ({
          method: 'tasks.progress',
          params: { subscriptionId, progress: progressToWire(progress) },
        })),
      end: () => {
        const reason: EndReason = stopping.aborted ? 'shutdown' : 'runEnded';
        const treeId: TreeId | null = options.treeId ?? null;
        void deliver(() => {
          this.#open.delete(subscriptionId);
          return { method: 'tasks.subscriptionEnded', params: { subscriptionId, reason, treeId, lastSeq } };
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

/** Who makes a request, and over what. */
import type { Actor } from '@coppice/core';
import type { ClientFace } from '@coppice/protocol';
import type { Subscriptions } from './subscriptions.ts';

export type Role = 'admin' | 'user';

/** An authenticated user. A `user` sees and changes own trees only; an `admin` all. */
export interface Principal {
  readonly userId: string;
  readonly role: Role;
  /** Where the request comes from, as the client says. Default `rpc`. */
  readonly face?: ClientFace;
}

/** Who causes events by a request. The user is the one that was authenticated; nothing in a request can name another. */
export function actorOf({ userId, face }: Principal): Actor {
  return { userId, face: face ?? 'rpc' };
}

/** The owner of a server that has no other users. */
export const LOCAL_OWNER: Principal = { userId: 'local', role: 'admin' };

/** One connection, or one HTTP request. */
export interface Caller {
  readonly principal: Principal;
  /** Absent where notifications can not be sent. */
  readonly subscriptions?: Subscriptions;
}

/** One request. */
export interface CallContext extends Caller {
  /** Resolves when the answer to the request is on its way. */
  readonly answered: Promise<void>;
}

/** The context of a message's requests. The promise is made for those who ask for it; most do not. */
export class MessageContext implements CallContext {
  readonly principal: Principal;
  readonly subscriptions?: Subscriptions;
  #isSent = false;
  #answered: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  constructor({ principal, subscriptions }: Caller) {
    this.principal = principal;
    if (subscriptions !== undefined) this.subscriptions = subscriptions;
  }

  get answered(): Promise<void> {
    this.#answered ??= this.#isSent ? Promise.resolve() : new Promise((resolve) => (this.#resolve = resolve));
    return this.#answered;
  }

  /** To be called when the answer is on its way. */
  sent(): void {
    this.#isSent = true;
    this.#resolve?.();
  }
}

/** A request that names its face. */
export class FaceContext implements CallContext {
  readonly principal: Principal;
  readonly subscriptions?: Subscriptions;
  readonly #message: CallContext;

  constructor(message: CallContext, face: ClientFace) {
    this.principal = { ...message.principal, face };
    if (message.subscriptions !== undefined) this.subscriptions = message.subscriptions;
    this.#message = message;
  }

  get answered(): Promise<void> {
    return this.#message.answered;
  }
}

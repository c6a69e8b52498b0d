/** Who makes a request, and over what. */
import type { Subscriptions } from './subscriptions.ts';

export type Role = 'admin' | 'user';

/** An authenticated user. A `user` sees and changes own trees only; an `admin` all. */
export interface Principal {
  readonly userId: string;
  readonly role: Role;
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

/**
 * Finds the owner of running code. An error that code of an extension throws where nobody can catch it (in a timer, an event handler, a
 * promise that nobody waits for) reaches the process without its origin. The asynchronous context of the call tells the origin.
 *
 * 1. All code that an executor or a hook starts has its owner, however much later it runs.
 * 2. Work of the engine has no owner, even when code of an extension has asked for it.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** The owner of code that the engine has called. Everything that this code starts keeps its owner alive, so an owner holds nothing large. */
export interface CodeOwner {
  /** Takes an error that the code threw where nobody could catch it. Never throws. */
  takeUncaught(error: unknown): void;
}

const owners = new AsyncLocalStorage<CodeOwner | undefined>();
/** A context without an owner. Entering this one costs less than making one for each call. */
const outside = new AsyncResource('coppice');

function enter<Given, Result>(this: CodeOwner, call: (given: Given) => Result, given: Given): Result {
  owners.enterWith(this);
  return call(given);
}

/** Calls code for an owner, and restores the former context. `AsyncLocalStorage.run` would make a second context to do that. */
export function runOwned<Given, Result>(owner: CodeOwner, call: (given: Given) => Result, given: Given): Result {
  return outside.runInAsyncScope(enter<Given, Result>, owner, call, given);
}

/** Does work of the engine without an owner, even when code of an extension has asked for it. */
export function runUnowned(work: () => void): void {
  if (owners.getStore() === undefined) work();
  else outside.runInAsyncScope(work);
}

/**
 * Call this in the handlers of `uncaughtException` and `unhandledRejection` of the process, synchronously.
 * True: the error came from an executor or a hook. Its attempt has failed, and the process may go on. False: the error has no owner.
 */
export function giveToOwner(error: unknown): boolean {
  const owner = owners.getStore();
  if (owner === undefined) return false;
  outside.runInAsyncScope(() => owner.takeUncaught(error));
  return true;
}

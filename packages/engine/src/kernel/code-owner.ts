/**
 * Whose code runs. What foreign code throws where nobody can catch it (in a timer, an event handler, a promise that nobody waits for)
 * reaches the process without a word about where it comes from; the asynchronous context that it was called in tells.
 *
 * 1. Everything that an executor or a hook starts has its owner, however much later it runs.
 * 2. The engine's own work has none, also when foreign code set it in motion.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** Foreign code that the engine has called. Kept by everything that this code leaves behind, so it holds on to nothing large. */
export interface CodeOwner {
  /** Takes an error that the code threw where nobody could catch it. Never throws. */
  takeUncaught(error: unknown): void;
}

const owners = new AsyncLocalStorage<CodeOwner | undefined>();
/** The context of this module, in which nothing has an owner: entering one that is there costs less than making one. */
const outside = new AsyncResource('coppice');

function enter<Given, Result>(this: CodeOwner, call: (given: Given) => Result, given: Given): Result {
  owners.enterWith(this);
  return call(given);
}

/** Calls foreign code. `AsyncLocalStorage.run` would make a second context in order to leave the first; what was there is just put back here. */
export function runOwned<Given, Result>(owner: CodeOwner, call: (given: Given) => Result, given: Given): Result {
  return outside.runInAsyncScope(enter<Given, Result>, owner, call, given);
}

/** Does the engine's own work, which foreign code may have asked for. */
export function runUnowned(work: () => void): void {
  if (owners.getStore() === undefined) work();
  else outside.runInAsyncScope(work);
}

/**
 * To be called by who handles `uncaughtException` and `unhandledRejection` of the process, in the handler itself.
 * True: the error came from an executor or a hook; its attempt has failed by it, and the process may go on. False: it is nobody's.
 */
export function giveToOwner(error: unknown): boolean {
  const owner = owners.getStore();
  if (owner === undefined) return false;
  outside.runInAsyncScope(() => owner.takeUncaught(error));
  return true;
}

/** Stores that an extension brings. What a store has to do is said by the port `Store` of `@coppice/core`. */
import type { JsonObject } from './json.ts';

/** Makes a store from its part of the configuration. */
export interface StoreFactory<TStore = unknown> {
  /** Unique name that the configuration refers to, e.g. `sqlite`. */
  readonly name: string;
  create(options: JsonObject): TStore | Promise<TStore>;
}

/** What the module of an extension exports, and the tokens under which it contributes. `defineExtension` makes both. */

/** Version of the contract between Coppice and its extensions (semver). An extension names the range it works with. */
export const API_VERSION = '1.0.0';

/** The categories of contributions. */
export type ContributionKind = 'executor' | 'hook' | 'store' | 'backoff' | 'merge' | 'observer' | 'signal';

/** Service identifiers for the extension's `ContainerModule`; each name is that of the bound interface. */
export const Contribution = {
  Executor: Symbol.for('coppice.Executor'),
  Hook: Symbol.for('coppice.Hook'),
  StoreFactory: Symbol.for('coppice.StoreFactory'),
  Backoff: Symbol.for('coppice.Backoff'),
  Merge: Symbol.for('coppice.Merge'),
  Observer: Symbol.for('coppice.Observer'),
  SignalHandler: Symbol.for('coppice.SignalHandler'),
} as const;

/** Describes an extension. */
export interface ExtensionManifest {
  /** Package name. */
  readonly name: string;
  /** Semver. */
  readonly version: string;
  /** Semver range of `API_VERSION` that the extension works with, e.g. `^1.0.0`. */
  readonly api: string;
  readonly description?: string;
  /** The categories that it contributes to; a contribution of another one is refused. Private tokens of its own are free. */
  readonly contributes: readonly ContributionKind[];
}

/** The part of an Inversify `ContainerModule` that is used; any copy of Inversify will do. */
export interface ContributionModule {
  load(options: never): void | Promise<void>;
}

/** What the module of an extension exports. */
export interface ExtensionModule {
  readonly manifest: ExtensionManifest;
  readonly module: ContributionModule;
}

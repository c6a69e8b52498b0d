/** The registry's two interfaces: look-ups for the engine, and loading for the composition root. `create-extension-registry.ts` builds it. */
import type {
  Backoff,
  BackoffFunction,
  ContributionKind,
  Executor,
  ExtensionManifest,
  ExtensionModule,
  Hook,
  Merge,
  MergeFunction,
  Observer,
  SignalHandler,
  SignalHandlerFunction,
  Store,
  StoreFactory,
} from '@coppice/core';
import type { ExtensionErrorCode } from './extension-error.ts';

export interface LoadedExtension {
  /** For an extension that failed before its manifest was read: its source as name, version `0.0.0`, no contributions. */
  readonly manifest: ExtensionManifest;
  /** Source of the extension: a package name, a path or a URL; `(module)` for an extension that was given as an object. */
  readonly source: string;
  readonly status: 'loaded' | 'failed';
  /** Why loading failed. */
  readonly error?: string;
  readonly errorCode?: ExtensionErrorCode;
  /** Contributions of the extension, for example `executor command` and `hook audit`. */
  readonly contributions: readonly { readonly kind: ContributionKind; readonly name: string }[];
}

/** The interface for the engine: contributions of all loaded extensions, in a defined order. */
export interface ExtensionRegistry {
  /** Loaded extensions in the order of loading, then extensions that failed. */
  readonly extensions: readonly LoadedExtension[];
  findExecutor(type: string): Executor | undefined;
  /** By type. */
  listExecutors(): readonly Executor[];
  /** In their defined order: `order`, then name. */
  listHooks(): readonly Hook[];
  /** By name. */
  listObservers(): readonly Observer[];
  readonly backoffs: ReadonlyMap<string, BackoffFunction>;
  readonly merges: ReadonlyMap<string, MergeFunction>;
  /** By the name of the signal. Each call ends in time, and answers what changes no more. */
  readonly signalHandlers: ReadonlyMap<string, SignalHandlerFunction>;
}

/** One extension of the configuration. */
export interface ExtensionConfig {
  /** A package name (resolved from `baseDir`), a path (absolute, or relative to `baseDir`), a `file:` URL, or a module. */
  readonly source: string | ExtensionModule;
  /** Take the place of loaded extensions that have the same name or contribute the same names. Default false. */
  readonly override?: boolean;
}

/** The interface for the composition root: loading and closing. Calls are carried out one after the other. */
export interface ExtensionLoader extends ExtensionRegistry {
  /**
   * Loads one extension: all of its contributions become visible at once, or none. Throws an ExtensionError.
   * With `override`, extensions with the same names are unloaded whole, after the new extension was found to be sound.
   */
  load(source: ExtensionConfig['source'], options?: { readonly override?: boolean }): Promise<LoadedExtension>;
  /** Loads all, in order. Never throws for an extension's fault: a failed one is answered and listed with `status: 'failed'`. */
  loadAll(config: readonly ExtensionConfig[]): Promise<readonly LoadedExtension[]>;
  /** Unloads everything, the last one loaded first; executors are closed. */
  close(): Promise<void>;
  /** Executors that an extension contributes and that are left out, because they are disabled. */
  readonly disabledExecutors: ReadonlySet<string>;
  /** By name. */
  listStores(): readonly StoreFactory<Store>[];
}

/** A contribution of any category, with the name that must be unique within it. */
export type NamedContribution =
  | { readonly kind: 'executor'; readonly name: string; readonly value: Executor }
  | { readonly kind: 'hook'; readonly name: string; readonly value: Hook }
  | { readonly kind: 'store'; readonly name: string; readonly value: StoreFactory<Store> }
  | { readonly kind: 'backoff'; readonly name: string; readonly value: Backoff }
  | { readonly kind: 'merge'; readonly name: string; readonly value: Merge }
  | { readonly kind: 'observer'; readonly name: string; readonly value: Observer }
  | { readonly kind: 'signal'; readonly name: string; readonly value: SignalHandler };

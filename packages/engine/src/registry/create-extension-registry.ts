/**
 * The registry of extensions.
 *
 * 1. Names are unique per category over all loaded extensions; nothing is overwritten silently.
 * 2. A contribution is visible only while its extension is loaded; look-ups never see half an extension.
 * 3. Changes are carried out one after the other, in the order of the calls.
 * Extension code runs in this process and is trusted: a synchronous endless loop in it can not be interrupted.
 */
import type {
  BackoffFunction,
  Executor,
  ExtensionManifest,
  Hook,
  MergeFunction,
  SignalHandlerFunction,
  Observer,
  Store,
  StoreFactory,
} from '@coppice/core';
import { errorText } from '../error-text.ts';
import { silentLogger, type Logger } from '../logger.ts';
import { activateExtension, type ActiveExtension } from './activate-extension.ts';
import { ExtensionError } from './extension-error.ts';
import { checkExtensionModule } from './extension-manifest.ts';
import type { ExtensionConfig, ExtensionLoader, LoadedExtension, NamedContribution } from './extension-registry.ts';
import { inTime } from './signal-call.ts';
import { createImportExtension, type ImportExtension } from './import-extension.ts';

export interface ExtensionRegistryOptions {
  readonly logger?: Logger;
  /** Where package names and relative paths are resolved from. Default: the working directory. */
  readonly baseDir?: string;
  /** How long importing and activating one extension may take, ms. Default 10000. */
  readonly loadTimeoutMs?: number;
  /** Executors that are left out, whoever contributes them. Default none. */
  readonly disabledExecutors?: readonly string[];
}

/** Answers an empty registry. */
export function createExtensionRegistry(options: ExtensionRegistryOptions = {}): ExtensionLoader {
  return new Registry(options);
}

interface Entry extends ActiveExtension {
  readonly manifest: ExtensionManifest;
  readonly source: string;
}

class Registry implements ExtensionLoader {
  readonly #logger: Logger;
  readonly #import: ImportExtension;
  readonly #loadTimeoutMs: number;
  readonly #disabled: ReadonlySet<string>;
  readonly disabledExecutors = new Set<string>();
  #entries: readonly Entry[] = [];
  #failed: readonly LoadedExtension[] = [];
  #lastChange: Promise<unknown> = Promise.resolve();

  #executors = new Map<string, Executor>();
  #hooks: readonly Hook[] = [];
  #observers: readonly Observer[] = [];
  #stores: readonly StoreFactory<Store>[] = [];
  #backoffs = new Map<string, BackoffFunction>();
  #merges = new Map<string, MergeFunction>();
  #signalHandlers = new Map<string, SignalHandlerFunction>();

  constructor(options: ExtensionRegistryOptions) {
    this.#logger = options.logger ?? silentLogger;
    this.#import = createImportExtension(options.baseDir ?? process.cwd());
    this.#loadTimeoutMs = options.loadTimeoutMs ?? 10_000;
    this.#disabled = new Set(options.disabledExecutors);
  }

  get extensions(): readonly LoadedExtension[] {
    return [...this.#entries.map(toLoaded), ...this.#failed];
  }

  get backoffs(): ReadonlyMap<string, BackoffFunction> {
    return this.#backoffs;
  }

  get signalHandlers(): ReadonlyMap<string, SignalHandlerFunction> {
    return this.#signalHandlers;
  }

  get merges(): ReadonlyMap<string, MergeFunction> {
    return this.#merges;
  }

  findExecutor(type: string): Executor | undefined {
    return this.#executors.get(type);
  }

  listExecutors(): readonly Executor[] {
    return [...this.#executors.values()];
  }

  listHooks(): readonly Hook[] {
    return this.#hooks;
  }

  listObservers(): readonly Observer[] {
    return this.#observers;
  }

  listStores(): readonly StoreFactory<Store>[] {
    return this.#stores;
  }

  load(source: ExtensionConfig['source'], options: { readonly override?: boolean } = {}): Promise<LoadedExtension> {
    return this.#inTurn(() => this.#load(source, options.override ?? false));
  }

  loadAll(config: readonly ExtensionConfig[]): Promise<readonly LoadedExtension[]> {
    return this.#inTurn(async () => {
      const answers: LoadedExtension[] = [];
      for (const { source, override } of config) {
        try {
          answers.push(await this.#load(source, override ?? false));
        } catch (error) {
          const failed = toFailed(source, error);
          this.#logger.error({ source: failed.source, code: failed.errorCode, err: error }, failed.error ?? '');
          this.#failed = [...this.#failed.filter((other) => other.source !== failed.source), failed];
          answers.push(failed);
        }
      }
      return answers;
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      const entries = this.#entries.toReversed();
      this.#show([]);
      for (const entry of entries) await this.#retire(entry);
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change, change);
    this.#lastChange = result;
    return result;
  }

  async #load(source: ExtensionConfig['source'], override: boolean): Promise<LoadedExtension> {
    const sourceName = typeof source === 'string' ? source : '(module)';
    const entry = this.#withoutDisabled(await this.#prepare(source, sourceName));
    const inTheWay = this.#entries.filter((other) => describeConflict(entry, other) !== undefined);
    try {
      if (!override) refuseConflict(entry, inTheWay[0]);
    } catch (error) {
      await this.#retire(entry);
      throw error;
    }
    this.#show([...this.#entries.filter((other) => !inTheWay.includes(other)), entry]);
    this.#failed = this.#failed.filter((failed) => failed.source !== sourceName);
    for (const old of inTheWay) await this.#retire(old);
    this.#logger.info(
      { extension: entry.manifest.name, version: entry.manifest.version, source: sourceName },
      'extension loaded',
    );
    return toLoaded(entry);
  }

  /** Leaves disabled executors out. They are never called or closed. */
  #withoutDisabled(entry: Entry): Entry {
    const contributions = entry.contributions.filter(({ kind, name }) => {
      const isDisabled = kind === 'executor' && this.#disabled.has(name);
      if (isDisabled) this.disabledExecutors.add(name);
      return !isDisabled;
    });
    return contributions.length === entry.contributions.length ? entry : { ...entry, contributions };
  }

  /** Imports, checks and activates an extension; nothing is visible yet. An extension that answers too late is released again. */
  async #prepare(source: ExtensionConfig['source'], sourceName: string): Promise<Entry> {
    const preparing = prepare(source, { sourceName, importExtension: this.#import });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        preparing.then((late) => this.#retire(late)).catch(() => {});
        reject(
          new ExtensionError(
            'extension/timeout',
            `Extension "${sourceName}" was not ready after ${this.#loadTimeoutMs} ms; look for a top-level await or an async "load" that never ends`,
          ),
        );
      }, this.#loadTimeoutMs);
    });
    try {
      return await Promise.race([preparing, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes exactly these entries visible. */
  #show(entries: readonly Entry[]): void {
    this.#entries = entries;
    const all = entries.flatMap(({ contributions }) => contributions).toSorted(byName);
    this.#executors = new Map(all.flatMap((item) => (item.kind === 'executor' ? [[item.name, item.value]] : [])));
    this.#hooks = all
      .flatMap((item) => (item.kind === 'hook' ? [item.value] : []))
      .toSorted((left, right) => (left.order ?? 0) - (right.order ?? 0));
    this.#observers = all.flatMap((item) => (item.kind === 'observer' ? [item.value] : []));
    this.#stores = all.flatMap((item) => (item.kind === 'store' ? [item.value] : []));
    this.#backoffs = new Map(all.flatMap((item) => (item.kind === 'backoff' ? [[item.name, item.value.delayMs]] : [])));
    this.#signalHandlers = new Map(
      all.flatMap((item) => (item.kind === 'signal' ? [[item.name, inTime(item.value)]] : [])),
    );
    this.#merges = new Map(all.flatMap((item) => (item.kind === 'merge' ? [[item.name, item.value.merge]] : [])));
  }

  /** Closes contributions that are no longer visible. A value that a visible extension shares (the same module loaded again) stays open. */
  async #retire(entry: Entry): Promise<void> {
    const kept = new Set(this.#executors.values());
    for (const { kind, value } of entry.contributions) {
      if (kind !== 'executor' || kept.has(value)) continue;
      await this.#quietly(entry.manifest, () => value.close?.());
    }
    await this.#quietly(entry.manifest, () => entry.release());
  }

  async #quietly({ name }: ExtensionManifest, close: () => void | Promise<void>): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.#logger.warn({ extension: name, err: error }, 'extension failed to close; it is unloaded all the same');
    }
  }
}

async function prepare(
  source: ExtensionConfig['source'],
  { sourceName, importExtension }: { readonly sourceName: string; readonly importExtension: ImportExtension },
): Promise<Entry> {
  try {
    const exports: unknown = typeof source === 'string' ? await importExtension(source) : source;
    const extension = await checkExtensionModule(exports, sourceName);
    return { manifest: extension.manifest, source: sourceName, ...(await activateExtension(extension)) };
  } catch (cause) {
    if (cause instanceof ExtensionError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ExtensionError('extension/failed', `Extension "${sourceName}" failed while it was loaded: ${message}`, {
      cause,
    });
  }
}

function refuseConflict(entry: Entry, other: Entry | undefined): void {
  if (other === undefined) return;
  throw new ExtensionError(
    'extension/duplicate',
    `Extension "${entry.manifest.name}" (${entry.source}) can not be loaded: ${describeConflict(entry, other)}; remove one of them, or set "override: true" to replace the loaded one`,
  );
}

function describeConflict(entry: Entry, other: Entry): string | undefined {
  const loaded = `"${other.manifest.name}" ${other.manifest.version} (${other.source})`;
  if (entry.manifest.name === other.manifest.name) return `${loaded} is loaded already`;
  const taken = entry.contributions.find((mine) =>
    other.contributions.some((theirs) => theirs.kind === mine.kind && theirs.name === mine.name),
  );
  return taken === undefined ? undefined : `${taken.kind} "${taken.name}" is contributed by ${loaded} already`;
}

function toLoaded({ manifest, source, contributions }: Entry): LoadedExtension {
  return { manifest, source, status: 'loaded', contributions: contributions.map(({ kind, name }) => ({ kind, name })) };
}

function toFailed(source: ExtensionConfig['source'], error: unknown): LoadedExtension {
  const name = typeof source === 'string' ? source : '(module)';
  const manifest = typeof source === 'string' ? undefined : source.manifest;
  return {
    manifest: manifest ?? { name, version: '0.0.0', api: '*', contributes: [] },
    source: name,
    status: 'failed',
    error: errorText(error),
    ...(error instanceof ExtensionError ? { errorCode: error.code } : {}),
    contributions: [],
  };
}

function byName(left: NamedContribution, right: NamedContribution): number {
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}

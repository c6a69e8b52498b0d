/** An extension as one declaration, without a container. */
import type { Backoff } from './backoff.ts';
import type { Executor } from './executor.ts';
import type { Hook } from './hook.ts';
import { API_VERSION, Contribution, type ContributionKind, type ExtensionModule } from './manifest.ts';
import type { Merge } from './merge.ts';
import type { Observer } from './observer.ts';
import type { SignalHandler } from './signal-handler.ts';
import type { StoreFactory } from './store-factory.ts';

/** A contribution, or a function that makes one. The function is called once for each engine that loads the extension. */
export type ValueOrFactory<T extends object> = T | (() => T);

export interface ExtensionDefinition {
  /** Package name, or any other name that no other extension has. */
  readonly name: string;
  /** Semver. */
  readonly version: string;
  readonly description?: string;
  /** Semver range of `API_VERSION` that the extension works with. Default: what is compatible with this package. */
  readonly api?: string;
  readonly executors?: readonly ValueOrFactory<Executor>[];
  readonly hooks?: readonly ValueOrFactory<Hook>[];
  readonly backoffs?: readonly ValueOrFactory<Backoff>[];
  readonly merges?: readonly ValueOrFactory<Merge>[];
  readonly stores?: readonly ValueOrFactory<StoreFactory>[];
  readonly observers?: readonly ValueOrFactory<Observer>[];
  readonly signals?: readonly ValueOrFactory<SignalHandler>[];
}

/** Where each list of a definition goes. */
const LISTS = {
  executors: ['executor', Contribution.Executor],
  hooks: ['hook', Contribution.Hook],
  backoffs: ['backoff', Contribution.Backoff],
  merges: ['merge', Contribution.Merge],
  stores: ['store', Contribution.StoreFactory],
  observers: ['observer', Contribution.Observer],
  signals: ['signal', Contribution.SignalHandler],
} as const satisfies Partial<Record<keyof ExtensionDefinition, readonly [ContributionKind, symbol]>>;

const OTHERS: readonly string[] = ['name', 'version', 'description', 'api'];

/** The part of a container's options that is used here. */
interface Binder {
  readonly bind: (token: symbol) => { toConstantValue(value: object): unknown };
}

/** What the module of an extension exports: `export const { manifest, module } = defineExtension({…})`. Throws a TypeError for a member that there is not. */
export function defineExtension(definition: ExtensionDefinition): ExtensionModule {
  const { name, version, description, api = `^${API_VERSION}` } = definition;
  const known = [...OTHERS, ...Object.keys(LISTS)];
  const stranger = Object.keys(definition).find((member) => !known.includes(member));
  if (stranger !== undefined) {
    throw new TypeError(`Extension "${name}" has the unknown member "${stranger}". There are ${known.join(', ')}`);
  }
  const lists = Object.entries(LISTS).map(([member, [kind, token]]) => {
    const contributions: readonly ValueOrFactory<object>[] = definition[member as keyof typeof LISTS] ?? [];
    return { kind, token, contributions };
  });
  return {
    manifest: {
      name,
      version,
      api,
      ...(description === undefined ? {} : { description }),
      contributes: lists.filter(({ contributions }) => contributions.length > 0).map(({ kind }) => kind),
    },
    module: {
      load({ bind }: Binder): void {
        for (const { token, contributions } of lists) {
          for (const each of contributions) bind(token).toConstantValue(made(each));
        }
      },
    },
  };
}

function made(contribution: ValueOrFactory<object>): object {
  return typeof contribution === 'function' ? (contribution as () => object)() : contribution;
}

/**
 * Runs an extension's container module and takes its contributions out.
 *
 * Each extension has its own container. So an extension that fails half-way leaves nothing behind, no extension can change the bindings of
 * another, and unloading an extension means dropping its container.
 */
import {
  APPROVAL_SIGNAL,
  Contribution,
  createSuggest,
  didYouMean,
  type Backoff,
  type ContributionKind,
  type Executor,
  type ExtensionModule,
  findAssociativityFault,
  type Hook,
  type Merge,
  type Observer,
  OWN_SIGNALS,
  SIGNAL_NAME_LENGTH_MAX,
  type SignalHandler,
  type Store,
  type StoreFactory,
} from '@coppice/core';
import { Container, ContainerModule, type ContainerModuleLoadOptions, type ServiceIdentifier } from 'inversify';
import { errorText } from '../error-text.ts';
import { ExtensionError } from './extension-error.ts';
import { checkHook, checkMembers, EXECUTOR_MEMBERS } from './contribution-members.ts';
import { contributionKinds } from './extension-manifest.ts';
import type { NamedContribution } from './extension-registry.ts';
import { compileValueSchema } from './value-schema.ts';

/** The contributions of an extension, and the function that releases it. */
export interface ActiveExtension {
  readonly contributions: readonly NamedContribution[];
  /** Runs the deactivations that the extension's module declared. */
  release(): Promise<void>;
}

const tokens: Readonly<Record<ContributionKind, symbol>> = {
  executor: Contribution.Executor,
  hook: Contribution.Hook,
  store: Contribution.StoreFactory,
  backoff: Contribution.Backoff,
  merge: Contribution.Merge,
  observer: Contribution.Observer,
  signal: Contribution.SignalHandler,
};

/** Throws an ExtensionError for wrong bindings. Any other error comes from code of the extension. */
export async function activateExtension({ manifest, module }: ExtensionModule): Promise<ActiveExtension> {
  const container = new Container();
  const load = module.load.bind(module) as (options: ContainerModuleLoadOptions) => void | Promise<void>;
  const guarded = (options: ContainerModuleLoadOptions): void | Promise<void> => {
    const bind = <T>(token: ServiceIdentifier<T>) => {
      checkToken(token, manifest);
      return options.bind<T>(token);
    };
    return load({ ...options, bind });
  };
  await container.loadAsync(new ContainerModule(guarded));

  const contributions: NamedContribution[] = [];
  for (const kind of contributionKinds) {
    if (!container.isBound(tokens[kind])) continue;
    for (const value of await container.getAllAsync<unknown>(tokens[kind])) {
      contributions.push(toContribution(kind, value, manifest.name));
    }
  }
  checkUnique(contributions, manifest.name);
  return { contributions, release: () => container.unbindAllAsync() };
}

/** Checks a token. A contribution must be of a declared category. Other `coppice.` symbols are misspelt. All other tokens are free. */
function checkToken(token: ServiceIdentifier, manifest: ExtensionModule['manifest']): void {
  if (typeof token !== 'symbol') return;
  const kind = contributionKinds.find((candidate) => tokens[candidate] === token);
  if (kind !== undefined && manifest.contributes.includes(kind)) return;
  if (kind !== undefined) {
    throw new ExtensionError(
      'extension/unknown-category',
      `Extension "${manifest.name}" binds a contribution of category "${kind}", which its manifest does not declare; add it to "contributes"`,
    );
  }
  const text = token.description ?? '';
  if (!text.startsWith('coppice.')) return;
  const known = contributionKinds.map((candidate) => tokens[candidate].description ?? '');
  throw new ExtensionError(
    'extension/unknown-category',
    `Extension "${manifest.name}" binds the unknown token "${text}"${didYouMean(createSuggest(known)(text))} Use a token of Contribution from @coppice/extension`,
  );
}

function toContribution(kind: ContributionKind, value: unknown, extension: string): NamedContribution {
  const refuse = (problem: string): ExtensionError =>
    new ExtensionError(
      'extension/invalid-contribution',
      `Extension "${extension}" contributes an invalid ${kind}: ${problem}`,
    );
  if (typeof value !== 'object' || value === null)
    throw refuse(`it is ${value === null ? 'null' : typeof value}, not an object`);
  const nameKey = kind === 'executor' ? 'type' : 'name';
  const fields = value as Readonly<Record<string, unknown>>;
  const name = fields[nameKey];
  if (typeof name !== 'string' || name === '') throw refuse(`"${nameKey}" must be a non-empty string`);
  const method = {
    executor: 'execute',
    hook: undefined,
    store: 'create',
    backoff: 'delayMs',
    merge: 'merge',
    observer: 'observe',
    signal: 'handle',
  }[kind];
  if (method !== undefined && typeof fields[method] !== 'function')
    throw refuse(`"${name}" has no function "${method}"`);
  switch (kind) {
    case 'executor':
      checkMembers(value, EXECUTOR_MEMBERS, refuse);
      checkExecutor(value as Executor, refuse);
      return { kind, name, value: value as Executor };
    case 'hook':
      checkHook(value, refuse);
      return { kind, name, value: value as Hook };
    case 'store':
      return { kind, name, value: value as StoreFactory<Store> };
    case 'backoff':
      return { kind, name, value: value as Backoff };
    case 'merge':
      checkMerge(value as Merge, refuse);
      return { kind, name, value: value as Merge };
    case 'observer':
      return { kind, name, value: value as Observer };
    case 'signal':
      checkSignalName(name, refuse);
      return { kind, name, value: value as SignalHandler };
  }
}

function checkMerge({ name, merge }: Merge, refuse: (problem: string) => ExtensionError): void {
  const fault = findAssociativityFault(name, merge);
  if (fault !== undefined) throw refuse(`"${name}" can not merge variables: ${fault}`);
}

/** Names that a signal of an extension can not have. */
function checkSignalName(name: string, refuse: (problem: string) => ExtensionError): void {
  if (name === APPROVAL_SIGNAL || name.startsWith(OWN_SIGNALS))
    throw refuse(`"${name}" is the name of a signal of Coppice itself; choose another one`);
  if (name.length > SIGNAL_NAME_LENGTH_MAX)
    throw refuse(`its name is longer than ${SIGNAL_NAME_LENGTH_MAX} characters`);
}

function checkExecutor(executor: Executor, refuse: (problem: string) => ExtensionError): void {
  const effects: readonly string[] = ['pure', 'recorded', 'external'];
  if (!effects.includes(executor.effects)) {
    throw refuse(
      `"${executor.type}" must declare "effects" as one of ${effects.join(', ')}, not ${String(executor.effects)}`,
    );
  }
  for (const side of ['input', 'output'] as const) {
    const schema = executor[side];
    if (schema === undefined) continue;
    try {
      compileValueSchema(schema);
    } catch (error) {
      throw refuse(`the ${side} schema of "${executor.type}" is no JSON Schema: ${errorText(error)}`);
    }
  }
}

function checkUnique(contributions: readonly NamedContribution[], extension: string): void {
  const seen = new Set<string>();
  for (const { kind, name } of contributions) {
    const key = `${kind} "${name}"`;
    if (seen.has(key))
      throw new ExtensionError(
        'extension/duplicate',
        `Extension "${extension}" contributes ${key} twice; give each its own name`,
      );
    seen.add(key);
  }
}

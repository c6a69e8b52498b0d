/** The composition root: the only place that knows the container. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Clock, Store } from '@coppice/core';
import { createEngine, createExtensionRegistry, redactingLogger } from '@coppice/engine';
import type { Engine, ExtensionConfig, ExtensionLoader, Logger, RecoveredRun, StartOptions } from '@coppice/engine';
import { suggest } from '@coppice/protocol';
import { Container, ContainerModule } from 'inversify';
import { Archives } from '../archive/archives.ts';
import { Retention } from '../archive/retention.ts';
import { createTaskAccess } from '../access/task-access.ts';
import type { ServerConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import type { LogLevel } from '../logger.ts';
import { allMethods } from '../rpc/all-methods.ts';
import { submissionChecks } from '../rpc/definition-methods.ts';
import { loadToken } from '../access/token-file.ts';
import { createWaitLinks, LINK_KEY_FILE, type WaitLinks } from '../links/wait-links.ts';
import { createDispatcher } from '../rpc/dispatcher.ts';
import type { Role } from '../rpc/caller.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import type { Services } from '../rpc/services.ts';
import { StartError } from '../start-error.ts';
import { SERVER_VERSION } from '../version.ts';
import { importBuiltInExtensions } from './built-in-extensions.ts';
import { allowedEnv, readSecrets } from './environment.ts';
import type { Environment } from './environment.ts';
import { buildStore } from './store.ts';
import { Token } from './tokens.ts';
import type { CompositionInput, Keeping } from './tokens.ts';

/** Name of the folder in the data directory. */
const ARCHIVE_FOLDER = 'archive';

/** What a program that embeds a server may give beside the configuration. */
export interface ComposeOptions {
  /** Default: JSON lines on standard error, from level `info` on. */
  readonly logger?: Logger;
  readonly logLevel?: LogLevel;
  /** Loaded after the built-in extensions and before the configured ones; may be imported modules. */
  readonly extensions?: readonly ExtensionConfig[];
  /** false: without the built-in extensions. Default true. */
  readonly builtIns?: boolean;
  /** Instead of the configured store. */
  readonly store?: Store;
  /** true: the built-in store is opened for reading only, also beside a writer; what changes anything fails. Default false. */
  readonly readOnly?: boolean;
  readonly clock?: Clock;
  /** Default: the process's environment variables. */
  readonly environment?: Environment;
  /** Where names and paths of extensions are resolved from. Default: the working directory. */
  readonly baseDir?: string;
}

export interface StopOptions {
  /** How long running attempts may go on, ms, before they are interrupted; they start again at the next start. */
  readonly graceMs?: number;
}

/** A composed server without transports. */
export interface Composition {
  readonly engine: Engine;
  /** What the engine works on; for who owns the process. */
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly links: WaitLinks;
  /** Epoch ms. */
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  /** Resolves with the reason when the engine has failed for good: it executes nothing any more, and only a new process goes on. */
  readonly failed: Promise<unknown>;
  /** Opens the store and continues incomplete runs. */
  readonly start: (options?: StartOptions) => Promise<readonly RecoveredRun[]>;
  /** Answers what waits, stops the engine, unloads the extensions. Stopping twice is harmless. */
  readonly stop: (options?: StopOptions) => Promise<void>;
}

export async function compose(config: ServerConfig, options: ComposeOptions = {}): Promise<Composition> {
  const stop = new AbortController();
  const secrets = readSecrets(config, options.environment ?? process.env);
  const engineLogger = options.logger ?? createLogger({ level: options.logLevel ?? 'info' });
  const logger = withoutSecrets(engineLogger, secrets);
  let fail: (reason: unknown) => void = () => {};
  const failed = new Promise<unknown>((resolve) => (fail = resolve));
  const nowMs = options.clock === undefined ? Date.now : options.clock.nowMs.bind(options.clock);
  const links = createWaitLinks({ loadKey: () => loadLinkKey(config), nowMs });
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(
    givenModule({
      config,
      options,
      secrets,
      logger,
      engineLogger,
      stopping: stop.signal,
      links,
      nowMs,
      fail: (reason) => fail(reason),
    }),
    engineModule,
    rpcModule,
  );
  const [engine, store, dispatcher, loader, { retention }] = await Promise.all([
    container.getAsync<Engine>(Token.Engine),
    container.getAsync<Store>(Token.Store),
    container.getAsync<Dispatcher>(Token.Dispatcher),
    container.getAsync<ExtensionLoader>(Token.ExtensionLoader),
    container.getAsync<Keeping>(Token.Keeping),
  ]);
  let stopped: Promise<void> | undefined;
  return {
    engine,
    store,
    dispatcher,
    links,
    nowMs,
    logger,
    stopping: stop.signal,
    failed,
    start: async (startOptions) => {
      const recovered = await engine.start(startOptions);
      if (options.readOnly !== true) retention.start();
      return recovered;
    },
    stop: (stopOptions) => {
      stop.abort();
      const stopNow = (): Promise<void> => stopEngine(engine, loader, stopOptions);
      // Without a round the engine stops at once: who sends the signal counts on that nothing starts after it.
      stopped ??= retention.stop()?.then(stopNow) ?? stopNow();
      return stopped;
    },
  };
}

/** Without a store on disk nothing outlives the process, links neither. */
function loadLinkKey({ store, dataDir }: ServerConfig): Promise<string> {
  return store.kind === 'memory'
    ? Promise.resolve(randomBytes(32).toString('base64url'))
    : loadToken(dataDir, LINK_KEY_FILE);
}

async function stopEngine(engine: Engine, loader: ExtensionLoader, options?: StopOptions): Promise<void> {
  try {
    await engine.stop(options);
  } finally {
    await loader.close();
  }
}

function withoutSecrets(logger: Logger, secrets: Readonly<Record<string, string>>): Logger {
  try {
    return redactingLogger(logger, secrets);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new StartError('config/invalid', `secrets: ${cause.message}.`, { cause });
  }
}

function givenModule(given: CompositionInput): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(Token.CompositionInput).toConstantValue(given);
  });
}

const engineModule = new ContainerModule(({ bind }) => {
  bind(Token.ExtensionLoader).toResolvedValue(buildLoader, [Token.CompositionInput]).inSingletonScope();
  bind(Token.Store)
    .toResolvedValue(
      ({ config, options }, loader) => options.store ?? buildStore(config, loader, options.readOnly === true),
      [Token.CompositionInput, Token.ExtensionLoader],
    )
    .inSingletonScope();
  bind(Token.Engine)
    .toResolvedValue(buildEngine, [Token.CompositionInput, Token.ExtensionLoader, Token.Store])
    .inSingletonScope();
});

const rpcModule = new ContainerModule(({ bind }) => {
  bind(Token.Keeping).toResolvedValue(buildKeeping, [Token.CompositionInput, Token.Engine]).inSingletonScope();
  bind(Token.Dispatcher)
    .toResolvedValue(buildDispatcher, [Token.CompositionInput, Token.Engine, Token.Keeping])
    .inSingletonScope();
});

/** Loads all extensions. One that fails is listed with its reason; the server starts without it. */
async function buildLoader({ config, options, logger }: CompositionInput): Promise<ExtensionLoader> {
  const loader = createExtensionRegistry({
    logger,
    disabledExecutors: config.executors.disable,
    ...(options.baseDir === undefined ? {} : { baseDir: options.baseDir }),
  });
  const builtIns = options.builtIns === false ? [] : await importBuiltInExtensions();
  await loader.loadAll([
    ...builtIns.map((source) => ({ source })),
    ...(options.extensions ?? []),
    ...config.extensions.map((extension) => (typeof extension === 'string' ? { source: extension } : extension)),
  ]);
  if (options.builtIns !== false) checkExecutorNames(config, loader);
  return loader;
}

/** A misspelt name would let in what was meant to be kept out. Not told apart from one of an extension that could not be loaded. */
function checkExecutorNames({ executors, roles }: ServerConfig, loader: ExtensionLoader): void {
  if (loader.extensions.some(({ status }) => status === 'failed')) return;
  const known = [...loader.listExecutors().map(({ type }) => type), ...loader.disabledExecutors];
  const named = [
    ...executors.disable.map((type, at) => [`executors.disable[${at}]`, type] as const),
    ...(roles.user.executors ?? []).map(
      (entry, at) => [`roles.user.executors[${at}]`, typeof entry === 'string' ? entry : entry.type] as const,
    ),
  ];
  const problems = named.flatMap(([path, type]) => {
    if (known.includes(type)) return [];
    const suggestion = suggest(type, known);
    const hint = suggestion === undefined ? `Loaded are: ${known.join(', ')}.` : `Did you mean "${suggestion}"?`;
    return [`${path}: there is no executor "${type}". ${hint}`];
  });
  if (problems.length > 0) throw new StartError('config/unknown-executor', problems.join(' '), { problems });
}

function buildEngine(
  { config, options, secrets, engineLogger, fail }: CompositionInput,
  loader: ExtensionLoader,
  store: Store,
): Engine {
  const environment = options.environment ?? process.env;
  const access = createTaskAccess({ registry: loader, roles: config.roles, env: config.env });
  return createEngine({
    ...withoutUndefined(config.engine),
    store,
    registry: loader,
    logger: engineLogger,
    onFailed: fail,
    baseDir: resolve(options.baseDir ?? '.', config.baseDir),
    env: allowedEnv(config, environment),
    secrets,
    refuseAdded: (userId, tasks) => {
      const [first] = access.violations({ userId, role: roleOf(config, userId) }, tasks);
      return first?.reason;
    },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
}

/** The role of the owner of a tree. Who is no user of the configuration is the owner of the server, or was named by an admin. */
function roleOf({ auth }: ServerConfig, userId: string): Role {
  const roles = auth.users.flatMap((user) => (user.userId === userId ? [user.role] : []));
  return roles.length === 0 || roles.includes('admin') ? 'admin' : 'user';
}

function buildKeeping({ config, logger, nowMs }: CompositionInput, engine: Engine): Keeping {
  const folder = config.store.kind === 'memory' ? undefined : join(config.dataDir, ARCHIVE_FOLDER);
  const archives = new Archives({ engine, folder, nowMs });
  return { archives, retention: new Retention({ ...config.retention, engine, archives, nowMs, logger }) };
}

function buildDispatcher(
  { config, logger, links, nowMs, stopping }: CompositionInput,
  engine: Engine,
  keeping: Keeping,
): Dispatcher {
  const services: Services = {
    ...keeping,
    engine,
    access: createTaskAccess({ registry: engine.registry, roles: config.roles, env: config.env }),
    links,
    nowMs,
    stopping,
    info: {
      version: SERVER_VERSION,
      startedAtMs: nowMs(),
      dataDir: config.store.kind === 'memory' ? null : config.dataDir,
      store: config.store.kind,
      limits: config.limits,
    },
  };
  return createDispatcher({
    methods: allMethods(services),
    checks: submissionChecks(services),
    limits: config.limits,
    logger,
    stopping,
  });
}

/** Absent instead of undefined. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

/** A server with HTTP, WebSocket and server-sent events. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Engine, Logger, RecoveredRun } from '@coppice/engine';
import { createAuthenticate } from '../access/authenticate.ts';
import type { Authenticate } from '../access/authenticate.ts';
import { checkListen, withoutBrackets } from '../access/loopback.ts';
import { loadToken, TOKEN_FILE } from '../access/token-file.ts';
import type { ServerConfig } from '../config.ts';
import { LOCAL_OWNER } from '../rpc/caller.ts';
import { StartError } from '../start-error.ts';
import { compose } from './compose.ts';
import type { ComposeOptions, StopOptions } from './compose.ts';
import { readUserTokens } from './environment.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
}

export interface Server {
  readonly engine: Engine;
  readonly logger: Logger;
  /** Resolves with the reason when the engine has failed for good: only a new process goes on. */
  readonly failed: Promise<unknown>;
  /** Where it listens; undefined until it has started. */
  readonly address: ServerAddress | undefined;
  /** The file with the owner's token; undefined: no token is needed. */
  readonly tokenFile: string | undefined;
  /**
   * Listens, and only then continues incomplete runs: they can be read and cancelled before anything is executed again.
   * `listening` is called between the two. Throws a StartError, or what the store throws.
   */
  start(listening?: (address: ServerAddress) => void | Promise<void>): Promise<readonly RecoveredRun[]>;
  /** Answers what waits, stops the engine, closes the connections. Stopping twice is harmless. */
  stop(options?: StopOptions): Promise<void>;
}

/** Builds a server; nothing is opened yet. Throws a StartError for a configuration that can not work. */
export async function createServer(config: ServerConfig, options: ComposeOptions = {}): Promise<Server> {
  const { host, port } = config.listen;
  checkListen(config);
  const authenticate = await buildAuthenticate(config, options);
  const composition = await compose(config, options);
  // Loaded here, so that who embeds the engine does not pay for a web framework.
  const { closeHttp, createHttp } = await import('../transport/http.ts');
  const app = await createHttp({
    ...composition,
    authenticate,
    guard: config.listen,
    limits: config.limits,
  });
  let address: ServerAddress | undefined;
  let stopped: Promise<void> | undefined;
  return {
    engine: composition.engine,
    logger: composition.logger,
    failed: composition.failed,
    get address() {
      return address;
    },
    tokenFile: config.auth.noAuth ? undefined : join(config.dataDir, TOKEN_FILE),
    start: async (listening) => {
      const listen = async (): Promise<void> => {
        try {
          await app.listen({ host: withoutBrackets(host), port });
        } catch (cause) {
          await composition.stop();
          throw listenError(cause, config.listen);
        }
        address = addressOf(app.server.address(), host);
        await listening?.(address);
      };
      // A run that takes the process down must be in reach of a person before it goes on.
      const recovered = await composition.start({ opened: listen });
      composition.logger.info({ url: address?.url, recovered: recovered.length }, 'server started');
      return recovered;
    },
    stop: (stopOptions) => {
      stopped ??= stopBoth(
        () => composition.stop(stopOptions),
        () => closeHttp(app),
      );
      return stopped;
    },
  };
}

/** The connections are closed whatever becomes of the engine. */
async function stopBoth(stopEngine: () => Promise<void>, closeConnections: () => Promise<void>): Promise<void> {
  try {
    await stopEngine();
  } finally {
    await closeConnections();
  }
}

async function buildAuthenticate(config: ServerConfig, options: ComposeOptions): Promise<Authenticate> {
  if (config.auth.noAuth) return createAuthenticate('noAuth');
  const users = readUserTokens(config, options.environment ?? process.env);
  return createAuthenticate([{ token: await loadToken(config.dataDir), principal: LOCAL_OWNER }, ...users]);
}

function addressOf(address: AddressInfo | string | null, host: string): ServerAddress {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const bare = withoutBrackets(host);
  return { host: bare, port, url: `http://${bare.includes(':') ? `[${bare}]` : bare}:${port}` };
}

function listenError(cause: unknown, { host, port }: ServerConfig['listen']): StartError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason =
    code === 'EADDRINUSE'
      ? 'another program listens there; choose another port with --port or listen.port in the configuration, or stop that program'
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new StartError('listen/failed', `Can not listen on ${host}:${port}: ${reason}.`, { cause });
}

/** A server for one client: the process that started this one, over its standard input and output. */
import type { Readable, Writable } from 'node:stream';
import type { Engine, Logger, RecoveredRun } from '@coppice/engine';
import type { ServerConfig } from '../config.ts';
import { compose } from './compose.ts';
import type { ComposeOptions, StopOptions } from './compose.ts';

export interface StdioServer {
  readonly engine: Engine;
  readonly logger: Logger;
  /** Resolves with the reason when the engine has failed for good: only a new process goes on. */
  readonly failed: Promise<unknown>;
  /** Resolves when the client has closed its side; then stop. */
  readonly closed: Promise<void>;
  /** Reads requests, and only then continues incomplete runs. */
  start(): Promise<readonly RecoveredRun[]>;
  /** Reads nothing any more, either. Stopping twice is harmless. */
  stop(options?: StopOptions): Promise<void>;
}

export interface StdioServerOptions extends ComposeOptions {
  /** Default: standard input. */
  readonly input?: Readable;
  /** Default: standard output. Nothing else may write to it. */
  readonly output?: Writable;
}

/** Builds a server; nothing is opened or read yet. */
export async function createStdioServer(config: ServerConfig, options: StdioServerOptions = {}): Promise<StdioServer> {
  const { input = process.stdin, output = process.stdout, ...composeOptions } = options;
  const composition = await compose(config, composeOptions);
  const { serveStdio } = await import('../transport/stdio.ts');
  let close = (): void => {};
  const closed = new Promise<void>((resolve) => (close = resolve));
  return {
    engine: composition.engine,
    logger: composition.logger,
    failed: composition.failed,
    closed,
    start: async () => {
      const opened = (): void => {
        const connection = serveStdio({
          ...composition,
          input,
          output,
          subscriptionsMax: config.limits.subscriptionsPerConnection,
        });
        void connection.closed.then(close);
      };
      return composition.start({ opened });
    },
    stop: async (stopOptions) => {
      await composition.stop(stopOptions);
      // A client that keeps its side open would keep this process alive.
      input.destroy();
    },
  };
}

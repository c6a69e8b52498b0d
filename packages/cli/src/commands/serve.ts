/** `coppice serve`: a server until it is told to stop. */
import { join } from 'node:path';
import { createLogger, createServer, createStdioServer } from '@coppice/server';
import type { Server, ServerConfig, StopOptions } from '@coppice/server';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import type { Output } from '../output/output.ts';
import { symbolOf } from '../output/theme.ts';
import { checkedConfig } from '../session/open-local.ts';
import { endOnFailure } from '../session/end-on-failure.ts';
import { insists, STOP_SIGNALS } from '../session/stop-signals.ts';
import { removeServerRecord, writeServerRecord } from '../session/server-file.ts';
import type { Settings } from '../session/settings.ts';

export interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  /** commander's form of `--no-auth`. */
  readonly auth: boolean;
  readonly stdio?: boolean;
}

const LOG_FILE = 'coppice.log';

export async function serve({ output, settings }: CommandContext, options: ServeOptions): Promise<void> {
  const config = withOptions(checkedConfig(settings), options);
  if (options.stdio === true) {
    await serveStdio(config, settings);
    return;
  }
  // People get lines, programs get JSON; nobody gets both. What is too much for people is in the file.
  const logFile = output.isJson ? undefined : join(config.dataDir, LOG_FILE);
  const people = (line: string): void => output.note(`! ${line}`);
  const server = await createServer(config, {
    logger: createLogger({ level: 'info', ...(logFile === undefined ? {} : { file: logFile, people }) }),
  });
  const { failed, logger } = server;
  // Until the store is open, the record may be that of another server.
  let isListed = false;
  const close = async (stopOptions?: StopOptions): Promise<void> => {
    if (isListed) await removeServerRecord(config.dataDir);
    await server.stop(stopOptions);
  };
  endOnFailure({ logger, failed, close: () => close({ graceMs: 0 }) }, settings);
  const stopped = stopSignal();
  try {
    const resumed = await server.start(async ({ url }) => {
      await writeServerRecord(config.dataDir, { url, pid: process.pid });
      isListed = true;
    });
    announce({ server, config, logFile, resumedCount: resumed.length, output });
    await stopped;
  } finally {
    await close();
  }
}

function withOptions(config: ServerConfig, { host, port, auth }: ServeOptions): ServerConfig {
  return {
    ...config,
    listen: { ...config.listen, host: host ?? config.listen.host, port: port ?? config.listen.port },
    auth: { ...config.auth, noAuth: config.auth.noAuth || !auth },
  };
}

async function serveStdio(config: ServerConfig, settings: Settings): Promise<void> {
  const server = await createStdioServer(config);
  endOnFailure({ ...server, close: () => server.stop({ graceMs: 0 }) }, settings);
  const stopped = stopSignal();
  await server.start();
  await Promise.race([server.closed, stopped]);
  await server.stop();
}

interface Announcement {
  readonly server: Server;
  readonly config: ServerConfig;
  readonly logFile: string | undefined;
  readonly resumedCount: number;
  readonly output: Output;
}

function announce({ server, config, logFile, resumedCount, output }: Announcement): void {
  const { address, tokenFile } = server;
  const url = address?.url ?? '';
  if (output.isJson) {
    output.json({ url, dataDir: config.dataDir, tokenFile: tokenFile ?? null, resumed: resumedCount }, true);
    return;
  }
  output.line(`${symbolOf('completed')} Coppice listens on ${colors.bold(url)}`);
  output.line(`  data   ${config.dataDir}`);
  output.line(`  token  ${tokenFile ?? 'none needed'}`);
  if (logFile !== undefined) output.line(`  log    ${logFile}`);
  if (resumedCount > 0) output.line(`  resumed ${resumedCount} incomplete ${resumedCount === 1 ? 'run' : 'runs'}`);
  output.note('Ctrl-C stops it.');
}

/** Resolves at the first request to stop; a second one ends the process as it would have without us. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of STOP_SIGNALS) if (insists(signal)) process.off(signal, stop);
      resolve();
    };
    for (const signal of STOP_SIGNALS) process.on(signal, stop);
  });
}

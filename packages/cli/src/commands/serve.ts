/** `coppice serve`: a server until it is told to stop. */
import { createServer, createStdioServer } from '@coppice/server';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { symbolOf } from '../output/theme.ts';
import { checkedConfig } from '../session/open-local.ts';
import { removeServerRecord, writeServerRecord } from '../session/server-file.ts';

export interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  /** commander's form of `--no-auth`. */
  readonly auth: boolean;
  readonly stdio?: boolean;
}

export async function serve({ output, settings }: CommandContext, options: ServeOptions): Promise<void> {
  if (options.stdio === true) {
    const server = await createStdioServer(checkedConfig(settings));
    await server.start();
    await Promise.race([server.closed, stopSignal()]);
    await server.stop();
    return;
  }
  const configured = checkedConfig(settings);
  const server = await createServer({
    ...configured,
    listen: {
      ...configured.listen,
      host: options.host ?? configured.listen.host,
      port: options.port ?? configured.listen.port,
    },
    auth: { ...configured.auth, noAuth: configured.auth.noAuth || !options.auth },
  });
  const stopped = stopSignal();
  const resumed = await server.start();
  const url = server.address?.url ?? '';
  await writeServerRecord(settings.dataDir, { url, pid: process.pid });
  try {
    if (output.isJson)
      output.json(
        { url, dataDir: settings.dataDir, tokenFile: server.tokenFile ?? null, resumed: resumed.length },
        true,
      );
    else {
      output.line(`${symbolOf('completed')} Coppice listens on ${colors.bold(url)}`);
      output.line(`  data   ${settings.dataDir}`);
      output.line(`  token  ${server.tokenFile ?? 'none needed'}`);
      if (resumed.length > 0)
        output.line(`  resumed ${resumed.length} incomplete ${resumed.length === 1 ? 'run' : 'runs'}`);
      output.note('Ctrl-C stops it.');
    }
    await stopped;
  } finally {
    await removeServerRecord(settings.dataDir);
    await server.stop();
  }
}

/** Resolves at the first request to stop; a second one ends the process as it would have without us. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  });
}

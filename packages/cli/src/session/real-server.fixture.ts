/** A real server on a free port, over a data directory that each test has for itself. */
import { createLogger, createServer, parseConfig } from '@coppice/server';
import type { Server } from '@coppice/server';
import { onTestFinished } from 'vitest';

/** Waits between attempts to connect that suit a test. */
export const QUICK = { delayMs: 10, maxDelayMs: 50, attemptsMax: 500 };

/** Stopped at the end of the test. */
export async function startServer(dataDir: string, port = 0): Promise<Server> {
  const parsed = parseConfig({ dataDir, listen: { port } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const server = await createServer(parsed.config, { logger: createLogger({ level: 'error' }) });
  await server.start();
  onTestFinished(() => server.stop({ graceMs: 0 }));
  return server;
}

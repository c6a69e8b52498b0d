/** A program that serves standard input and output, as `coppice serve --stdio` does. Argument: the data directory. */
import { createStdioServer, parseConfig } from '../index.ts';

const parsed = parseConfig({ dataDir: process.argv[2] });
if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
const server = await createStdioServer(parsed.config, { logLevel: 'error' });
await server.start();
await server.closed;
await server.stop();

/** @coppice/server: JSON-RPC transports over the engine, and the composition root. */
export { configJsonSchema, DEFAULT_PORT, parseConfig } from './config.ts';
export type { ParsedConfig, ServerConfig, ServerConfigInput } from './config.ts';
export type { ComposeOptions, StopOptions } from './composition/compose.ts';
export { checkConfig } from './composition/check-config.ts';
export { CallError, createLocal } from './composition/create-local.ts';
export type { Local } from './composition/create-local.ts';
export type { LocalSocket } from './transport/local-socket.ts';
export { createServer } from './composition/create-server.ts';
export type { Server, ServerAddress } from './composition/create-server.ts';
export { createStdioServer } from './composition/create-stdio-server.ts';
export type { StdioServer, StdioServerOptions } from './composition/create-stdio-server.ts';
export { guardProcess } from './composition/guard-process.ts';
export type { ProcessGuardOptions } from './composition/guard-process.ts';
export { createLogger } from './logger.ts';
export type { LoggerOptions, LogLevel } from './logger.ts';
export { StartError } from './start-error.ts';
export type { StartErrorCode } from './start-error.ts';

/** @coppice/client/stdio: the part of the client that needs Node. */
export { stdioTransport } from './stdio-transport.ts';
export type { StdioTransportOptions } from './stdio-transport.ts';
export { socketTransport } from './socket-transport.ts';
export type { SocketTransportOptions } from './socket-transport.ts';

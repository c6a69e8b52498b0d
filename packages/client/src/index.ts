/** @coppice/client: a typed JSON-RPC client for browsers and Node. The stdio transport is under `@coppice/client/stdio`. */
export { createClient } from './client.ts';
export type { Client, ClientOptions } from './client.ts';
export { ConnectionError, RpcError } from './client-error.ts';
export type { ConnectionErrorCode, RpcErrorObject, RpcViolation } from './client-error.ts';
export type { BackOffOptions } from './back-off.ts';
export type { CallOptions } from './connection.ts';
export type { FollowOptions } from './follow.ts';
export { httpTransport } from './http-transport.ts';
export type { HttpTransportOptions } from './http-transport.ts';
export type { MethodCall, MethodCalls } from './method-calls.ts';
export type { ConnectionState, Receiver, Transport } from './transport.ts';
export { applyEvent, foldEvents } from './run/apply-event.ts';
export { createRunView, isEnded, isRunEnded } from './run/run-view.ts';
export type { Reason, RunView, Tally, TaskDefinition, TaskView } from './run/run-view.ts';
export { durationText, relativeText, spanText } from './run/time-text.ts';
export { webSocketTransport } from './web-socket-transport.ts';
export type { WebSocketTransportOptions } from './web-socket-transport.ts';

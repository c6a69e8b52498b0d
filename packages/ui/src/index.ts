/** @coppice/ui: view models of runs, and the graph and timeline that show them. This door is free of the DOM. */
export type { Action, Freshness, HostMessage, ViewHost, ViewMessage } from './host.ts';
export { RunModel } from './model/run-model.ts';
export type { Change } from './model/run-model.ts';

/** @coppice/extension: what authors of extensions depend on, and nothing else. */
export * from './json.ts';
export { parseJson } from './parse-json.ts';
export { DURATION_PATTERN, parseDuration } from './duration.ts';
export * from './ids.ts';
export * from './errors.ts';
export * from './cut-part.ts';
export * from './executor.ts';
export * from './hook.ts';
export * from './observer.ts';
export * from './backoff.ts';
export * from './merge.ts';
export * from './signal-handler.ts';
export * from './store-factory.ts';
export * from './manifest.ts';
export * from './define-extension.ts';

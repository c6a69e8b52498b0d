/** @coppice/engine: runs task trees. */
export * from './engine.ts';
export * from './waits.ts';
export type * from './shown-run.ts';
export * from './logger.ts';
export type * from './logs/log-query.ts';
export type { LogLimits } from './logs/log-writer.ts';
export { redactingLogger } from './redacting-logger.ts';
export type { CutLog, QuarantinedRun } from './quarantine.ts';
export * from './registry/extension-registry.ts';
export * from './registry/create-extension-registry.ts';
export * from './registry/extension-error.ts';
export { inTime } from './registry/signal-call.ts';
export * from './registry/value-issue.ts';
export * from './registry/value-schema.ts';
export { createEngine } from './create-engine.ts';
export { createCelExpressions } from './expressions/cel-expressions.ts';
export { giveToOwner } from './kernel/code-owner.ts';
export { systemClock } from './system-clock.ts';

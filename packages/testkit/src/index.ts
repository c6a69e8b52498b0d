export * from './executor-harness.ts';
export type { TestClock, TestContextOptions, TestRecords } from './executor-harness-context.ts';
export * from './signal-handler-harness.ts';
export * from './tree-arbitrary.ts';
export { SignalCheck } from './simulation/signal-check.ts';

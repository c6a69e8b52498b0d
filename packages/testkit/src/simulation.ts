/** The simulator: the real engine on a virtual clock, with faults, and the invariants of the model checked on all that it stores. */
export { simulate } from './simulation/simulation.ts';
export type { SimulationOptions, SimulationReport } from './simulation/simulation-options.ts';
export type { Weather } from './simulation/simulated-tree.ts';
export { InvariantChecker, type CheckedLimits } from './simulation/invariant-checker.ts';
export { checkRows } from './simulation/projection-check.ts';
export { outcomeText } from './simulation/outcome.ts';
export { appendOfAnother } from './simulation/second-writer.ts';
export { VirtualClock, type ProcessClock } from './simulation/virtual-clock.ts';
export { plainContext } from './plain-context.ts';

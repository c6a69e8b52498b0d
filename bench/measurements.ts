/** All measurements by name. Each is imported only when it is made: a child carries nothing that it does not measure. */
import type { Measure } from './measurement.ts';

export const MEASUREMENTS: Readonly<Record<string, Measure>> = {
  workload: async function* (context) {
    yield* (await import('./measure-workload.ts')).measureWorkload(context);
  },
  latency: async (context) => (await import('./measure-latency.ts')).measureLatency(context),
  decisions: async (context) => (await import('./measure-decisions.ts')).measureDecisions(context),
  growth: async (context) => (await import('./measure-growth.ts')).measureGrowth(context),
  flow: async (context) => (await import('./measure-flow.ts')).measureFlow(context),
  repetition: async (context) => (await import('./measure-repetition.ts')).measureRepetition(context),
  creation: async (context) => (await import('./measure-creation.ts')).measureCreation(context),
  replay: async (context) => (await import('./measure-replay.ts')).measureReplay(context),
  snapshot: async (context) => (await import('./measure-snapshot.ts')).measureSnapshot(context),
  append: async (context) => (await import('./measure-append.ts')).measureAppend(context),
  listing: async (context) => (await import('./measure-listing.ts')).measureListing(context),
  recovery: async (context) => (await import('./measure-recovery.ts')).measureRecovery(context),
  subscriptions: async (context) => (await import('./measure-subscriptions.ts')).measureSubscriptions(context),
  logs: async (context) => (await import('./measure-logs.ts')).measureLogs(context),
  rpc: async (context) => (await import('./measure-rpc.ts')).measureRpc(context),
  executors: async (context) => (await import('./measure-executors.ts')).measureExecutors(context),
  cli: async (context) => (await import('./measure-cli.ts')).measureCli(context),
};

/** Groups about what people and programs meet: RPC, subscribers, executors, the command. */
import type { Case, Group } from './case.ts';

const rpc: Group = {
  name: 'rpc',
  title: 'RPC: requests per second',
  note:
    '50 connections, each sends when it was answered, to a server in a process of its own; the method asks nothing of the store. ' +
    'Bare: the web framework (or WebSocket library) alone, without tokens, validation or limits. Batches hold 10 requests; their latency is that of the batch.',
  labelTitles: ['transport', 'server'],
  columns: [
    { figure: 'requestsPerSecond', title: 'requests/s', digits: 0, hasSpread: true },
    { figure: 'p50Ms', title: 'p50 ms', digits: 2 },
    { figure: 'p99Ms', title: 'p99 ms', digits: 2 },
    { figure: 'serverUsPerRequest', title: 'server CPU µs/request', digits: 1 },
  ],
  cases: ['single', 'batch', 'web-socket'].flatMap((kind) =>
    ['bare', 'coppice'].map((server) => ({
      id: `rpc/${kind}/${server}`,
      group: 'rpc',
      labels: [kind, server],
      child: ['rpc', server, kind],
      ...(server === 'bare' ? {} : { floor: { caseId: `rpc/${kind}/bare`, figure: 'requestsPerSecond', target: 0.7 } }),
    })),
  ),
  isOnRequest: true,
};

/** By the processor's time, which other programs on the machine do not change as they change the clock's. */
/** Somebody beside a run, against nobody. `targets`: what part of the figure has to be left, by who it is; undefined: any part. */
function besideNone(group: string, figure: string, targets: Readonly<Record<string, number | undefined>>): Case[] {
  const caseOf = (beside: string): Case => ({
    id: `${group}/${beside}`,
    group,
    labels: ['normal', beside],
    child: [group, 'normal', beside],
  });
  const floor = { caseId: `${group}/none`, figure };
  const others = Object.entries(targets).map(([beside, target]) => ({
    ...caseOf(beside),
    floor: target === undefined ? floor : { ...floor, target },
  }));
  return [caseOf('none'), ...others];
}

const subscriptions: Group = {
  name: 'subscriptions',
  title: 'Subscribers beside a run',
  note:
    'W3 with 1,000 subscribers, one of each tree (live: from its creation on; replay: each has what is stored read first, which is a ' +
    'query of its own), and with one of all trees who takes one event and then never another. The ratio is that of processor time.',
  labelTitles: ['store', 'subscribers'],
  columns: [
    { figure: 'tasksPerSecond', title: 'tasks/s', digits: 0, hasSpread: true },
    { figure: 'tasksPerProcessorSecond', title: 'tasks/CPU s', digits: 0 },
    { figure: 'eventsPerSecond', title: 'events/s', digits: 0 },
    { figure: 'heapMiB', title: 'heap MiB', digits: 0 },
  ],
  cases: besideNone('subscriptions', 'tasksPerProcessorSecond', { live: 0.95, replay: undefined, stuck: 0.95 }),
  isOnRequest: true,
};

/** By the clock: what a person notices of a run that is followed. */
const logs: Group = {
  name: 'logs',
  title: 'Readers of task logs beside a run',
  note:
    'A tree of 1,000 tasks, 100 at a time, each of which takes 100 ms and prints 20 lines in it. Nobody follows, one reader follows the ' +
    'whole tree, or 1,000 readers follow a task each, until nothing more comes.',
  labelTitles: ['store', 'followed'],
  columns: [
    { figure: 'tasksPerSecond', title: 'tasks/s', digits: 0, hasSpread: true },
    { figure: 'processorUsPerTask', title: 'CPU µs/task', digits: 0 },
    { figure: 'linesRead', title: 'lines read', digits: 0 },
  ],
  cases: besideNone('logs', 'tasksPerSecond', { tree: 0.95, tasks: undefined }),
  isOnRequest: true,
};

const EXECUTOR_TARGETS = { command: 0.8, http: 0.7 } as const;

const executors: Group = {
  name: 'executors',
  title: 'Real work: 1,000 tasks in one durable tree',
  note:
    'command: the program true, 8 at a time, beside a loop around spawn. http: a local server that answers at once, 50 at a time, ' +
    'beside a loop around undici.',
  labelTitles: ['executor', 'subject'],
  columns: [
    { figure: 'tasksPerSecond', title: 'tasks/s', digits: 0, hasSpread: true },
    { figure: 'msPerTask', title: 'ms/task', digits: 2 },
    { figure: 'processorUsPerTask', title: 'CPU µs/task', digits: 0 },
  ],
  cases: (['command', 'http'] as const).flatMap((kind) =>
    ['bare', 'coppice'].map((subject) => ({
      id: `executors/${kind}/${subject}`,
      group: 'executors',
      labels: [kind, subject],
      child: ['executors', kind, subject, '1000'],
      ...(subject === 'bare'
        ? {}
        : { floor: { caseId: `executors/${kind}/bare`, figure: 'tasksPerSecond', target: EXECUTOR_TARGETS[kind] } }),
    })),
  ),
  isOnRequest: true,
};

const CLI_LIMITS_MS = { bare: Infinity, version: 60, list: 150, run: 300 } as const;

const cli: Group = {
  name: 'cli',
  title: 'The command: wall time from start to exit',
  note:
    'As built. bare: Node with an empty program, which takes its time on a busy machine; beyond Node: beyond its median of the same minute. ' +
    'run: the example hello, whose waiting of 300 ms is cut to 1 ms.',
  labelTitles: ['command'],
  columns: [
    { figure: 'p50Ms', title: 'ms', digits: 0, hasSpread: true },
    { figure: 'minMs', title: 'best ms', digits: 0 },
    { figure: 'beyondNodeMs', title: 'beyond Node ms', digits: 0 },
  ],
  cases: (['bare', 'version', 'list', 'run'] as const).map((command) => ({
    id: `cli/${command}`,
    group: 'cli',
    labels: [command],
    child: ['cli', command],
    below: { p50Ms: CLI_LIMITS_MS[command] },
  })),
  isOnRequest: true,
  needsBuild: true,
};

export const SURFACE_GROUPS: readonly Group[] = [rpc, subscriptions, logs, executors, cli];

/** Groups about the engine and its stores: latency, decisions, growth, creation, replay, storage, recovery. */
import type { Case, Group } from './case.ts';

const latency: Group = {
  name: 'latency',
  title: "Latency: from a task's end to its dependent's start",
  note: 'On a chain of 1,000. A start is durable before it happens, so this holds one commit.',
  labelTitles: ['subject'],
  columns: [
    { figure: 'p50Us', title: 'p50 µs', digits: 1, hasSpread: true, below: 100 },
    { figure: 'p99Us', title: 'p99 µs', digits: 1, hasSpread: true, below: 1_000 },
  ],
  cases: [
    'coppice-memory',
    'floor-events-normal-shared',
    'coppice-normal',
    'floor-events-full-shared',
    'coppice-full',
  ].map((subject) => ({
    id: `latency/${subject}`,
    group: 'latency',
    labels: [subject],
    child: ['latency', subject],
    // Syncing the disk takes what the disk takes.
    ...(subject.includes('full') || subject.startsWith('floor') ? { below: { p50Us: Infinity, p99Us: Infinity } } : {}),
  })),
  isOnRequest: true,
};

const decisions: Group = {
  name: 'decisions',
  title: 'One turn of the scheduler',
  note: 'A task completes, its places are given back, the next of the ready tasks is picked, its start is decided; without a store.',
  labelTitles: ['ready tasks'],
  columns: [
    { figure: 'p50Us', title: 'p50 µs', digits: 1 },
    { figure: 'p99Us', title: 'p99 µs', digits: 1, hasSpread: true, below: 1_000 },
    { figure: 'maxUs', title: 'max µs', digits: 0 },
  ],
  cases: [1_000, 100_000].map((ready) => ({
    id: `decisions/${ready}`,
    group: 'decisions',
    labels: [ready.toLocaleString('en')],
    child: ['decisions', String(ready)],
  })),
  isOnRequest: true,
};

function growth(isLarge: boolean): Group {
  const sizes = [1_000, 10_000, 100_000, ...(isLarge ? [1_000_000] : [])];
  const cases = ['memory', 'normal'].flatMap((mode) =>
    ['one', 'many'].flatMap((shape) => sizes.map((size) => growthCase({ mode, shape, size }))),
  );
  return {
    name: 'growth',
    title: 'Growth: time and memory per task',
    note:
      'One tree (the shape of W2) or many of 6. The ratio is to the rate of 10,000 tasks. Memory after a collection: in one tree while ' +
      'its last task runs, with many after the last has ended. Memory of the process (RSS) holds what the collector keeps for itself.',
    labelTitles: ['store', 'trees', 'tasks'],
    columns: [
      { figure: 'usPerTask', title: 'µs/task', digits: 1, hasSpread: true },
      { figure: 'heapBytesPerTask', title: 'heap B/task', digits: 0, below: 1_536 },
      { figure: 'rssBytesPerTask', title: 'RSS B/task', digits: 0 },
      { figure: 'peakRssMiB', title: 'peak RSS MiB', digits: 0 },
    ],
    cases,
    isOnRequest: true,
  };
}

interface GrowthSize {
  readonly mode: string;
  readonly shape: string;
  readonly size: number;
}

const GROWTH_BASE = 10_000;

function growthCase({ mode, shape, size }: GrowthSize): Case {
  const id = (tasks: number): string => `growth/${mode}/${shape}/${tasks}`;
  return {
    id: id(size),
    group: 'growth',
    labels: [mode, shape, size.toLocaleString('en')],
    child: ['growth', mode, shape, String(size)],
    // Memory of small trees is lost in that of the engine; the store in memory keeps all that was ever written.
    ...(size < GROWTH_BASE || mode === 'memory' ? { below: { heapBytesPerTask: Infinity } } : {}),
    ...(size > GROWTH_BASE ? { floor: { caseId: id(GROWTH_BASE), figure: 'tasksPerSecond', target: 1 / 1.5 } } : {}),
    roundsMax: size > 100_000 ? 2 : Infinity,
    timeoutMs: 600_000,
  };
}

const creation: Group = {
  name: 'creation',
  title: 'Creating a tree of 100,000 tasks',
  note: 'In layers of 100, three dependencies each. Creating validates again.',
  labelTitles: ['store'],
  columns: [
    { figure: 'validateMs', title: 'validate ms', digits: 0, hasSpread: true },
    { figure: 'createMs', title: 'create ms', digits: 0, hasSpread: true, below: 1_000 },
  ],
  cases: ['memory', 'normal'].map((mode) => ({
    id: `creation/${mode}`,
    group: 'creation',
    labels: [mode],
    child: ['creation', mode, '100000'],
  })),
  isOnRequest: true,
};

const replay: Group = {
  name: 'replay',
  title: 'Replay of a chain',
  note: 'The whole log folded from memory, and read from SQLite and folded.',
  labelTitles: ['tasks'],
  columns: [
    { figure: 'foldEventsPerSecond', title: 'fold events/s', digits: 0, hasSpread: true },
    { figure: 'storedEventsPerSecond', title: 'read + fold events/s', digits: 0, hasSpread: true },
    { figure: 'storedMs', title: 'read + fold ms', digits: 1, below: 25 },
  ],
  cases: [1_000, 10_000].map((tasks) => ({
    id: `replay/${tasks}`,
    group: 'replay',
    labels: [tasks.toLocaleString('en')],
    child: ['replay', String(tasks)],
    ...(tasks > 1_000 ? { below: { storedMs: Infinity } } : {}),
  })),
  isOnRequest: true,
};

const snapshots: Group = {
  name: 'snapshots',
  title: 'Snapshots of a finished chain',
  note: 'Saved to SQLite in pieces and restored from there, without the turns of the event loop between two pieces; beside reading and folding the log.',
  labelTitles: ['tasks'],
  columns: [
    { figure: 'saveMs', title: 'save ms', digits: 1, hasSpread: true },
    { figure: 'loadMs', title: 'load ms', digits: 1, hasSpread: true },
    { figure: 'foldMs', title: 'read + fold ms', digits: 1 },
    { figure: 'bytesPerTask', title: 'B/task', digits: 0 },
  ],
  cases: [1_000, 10_000].map((tasks) => ({
    id: `snapshots/${tasks}`,
    group: 'snapshots',
    labels: [tasks.toLocaleString('en')],
    child: ['snapshot', String(tasks)],
  })),
  isOnRequest: true,
};

const append: Group = {
  name: 'append',
  title: 'One append of 10,000 events',
  note: 'Starts and completions of 5,000 tasks in one transaction, with the rows they change.',
  labelTitles: ['store'],
  columns: [
    { figure: 'ms', title: 'ms', digits: 1, hasSpread: true },
    { figure: 'eventsPerSecond', title: 'events/s', digits: 0 },
  ],
  cases: ['normal', 'full'].map((mode) => ({
    id: `append/${mode}`,
    group: 'append',
    labels: [mode],
    child: ['append', mode, '10000'],
  })),
  isOnRequest: true,
};

const NO_PAGE_LIMITS = { rootsP99Ms: Infinity, allP99Ms: Infinity, statusP99Ms: Infinity, userP99Ms: Infinity };

function listing(isLarge: boolean): Group {
  const stores: readonly (readonly [tasks: number, inputBytes: number])[] = [
    [10_000, 0],
    [100_000, 0],
    ...(isLarge
      ? ([
          [1_000_000, 0],
          [300_000, 4_096],
        ] as const)
      : []),
  ];
  return {
    name: 'listing',
    title: 'Listings of a large store',
    note: 'Pages of 100, one after the other, of trees of 10 tasks. Opening: a file that was just written; cold: with the first page, after the system was asked to let go of the file.',
    labelTitles: ['tasks stored', 'inputs'],
    columns: [
      { figure: 'rootsP99Ms', title: 'roots p99 ms', digits: 2, below: 5 },
      { figure: 'allP99Ms', title: 'all p99 ms', digits: 2, below: 5 },
      { figure: 'statusP99Ms', title: 'by status p99 ms', digits: 2, below: 5 },
      { figure: 'userP99Ms', title: 'by user p99 ms', digits: 2, below: 5 },
      { figure: 'countMs', title: 'count ms', digits: 1 },
      { figure: 'openMs', title: 'open ms', digits: 0, below: 1_000 },
      { figure: 'coldOpenMs', title: 'cold ms', digits: 0, below: 1_000 },
      { figure: 'fileMiB', title: 'file MiB', digits: 0 },
    ],
    cases: stores.map(([tasks, inputBytes]) => ({
      id: `listing/${tasks}/${inputBytes}`,
      group: 'listing',
      labels: [tasks.toLocaleString('en'), inputBytes === 0 ? 'none' : `${inputBytes / 1024} KiB`],
      child: ['listing', String(tasks), String(inputBytes)],
      // Pages hold the inputs; the targets are for stores of many tasks.
      ...(inputBytes === 0 ? {} : { below: NO_PAGE_LIMITS }),
      roundsMax: tasks > 100_000 ? 1 : Infinity,
      timeoutMs: 600_000,
    })),
    isOnRequest: true,
  };
}

const recovery: Group = {
  name: 'recovery',
  title: 'Starting after a crash',
  note: 'Trees of 6 whose first task was running when the process was killed.',
  labelTitles: ['trees'],
  columns: [{ figure: 'startMs', title: 'start ms', digits: 0, hasSpread: true, below: 1_000 }],
  cases: [{ id: 'recovery/1000', group: 'recovery', labels: ['1,000'], child: ['recovery', '1000'] }],
  isOnRequest: true,
};

/** What a feature may cost, %. */
const FLOW_LIMITS: readonly (readonly [store: 'memory' | 'normal', feature: string, below: number])[] = [
  ['memory', 'conditions', 2],
  // Both are the same work; what is left is noise.
  ['memory', 'variables', 1],
  ['memory', 'subscribers', 5],
  ['memory', 'limits', 10],
  ['normal', 'limits', 10],
  ['memory', 'breaker', 5],
  ['normal', 'breaker', 5],
  ['memory', 'fallback', 5],
  ['normal', 'fallback', 5],
  // 80 % of the speed.
  ['memory', 'forEach', 25],
  ['normal', 'forEach', 25],
];

const flow: Group = {
  name: 'flow',
  title: 'Features of the flow, on against off',
  note: 'By processor time, both in one process by turns, 10,000 tasks. The shape of W2 with a condition on each edge; with variables that nobody reads or writes; with ten subscribers; with gates of all kinds that are never full, against an engine without limits; with a breaker that all tasks pass and that stays closed; with a fallback of each task, which is never used. A task for each of 10,000 items, against the same tasks written out.',
  labelTitles: ['store', 'feature'],
  columns: [
    { figure: 'offUs', title: 'off µs/task', digits: 2 },
    { figure: 'onUs', title: 'on µs/task', digits: 2 },
    { figure: 'costPercent', title: 'cost %', digits: 1, hasSpread: true },
  ],
  cases: FLOW_LIMITS.map(([store, feature, below]) => ({
    id: `flow/${feature}-${store}`,
    group: 'flow',
    labels: [store, feature],
    child: ['flow', store, feature],
    below: { costPercent: below },
    timeoutMs: 600_000,
  })),
  isOnRequest: true,
};

const repetition: Group = {
  name: 'repetition',
  title: 'A repetition of 10,000 copies with a wait in each',
  note: 'Memory kept is what the heap grew by from the 1,000th copy to the last, by copy.',
  labelTitles: ['store'],
  columns: [
    { figure: 'processorUsPerCopy', title: 'processor µs/copy', digits: 0, hasSpread: true },
    { figure: 'heapMiB', title: 'heap MiB', digits: 0 },
    { figure: 'heapBytesPerCopy', title: 'kept B/copy', digits: 0, below: 150 },
  ],
  cases: [
    { id: 'repetition/normal', group: 'repetition', labels: ['normal'], child: ['repetition', 'normal', '10000'] },
  ],
  isOnRequest: true,
};

export function engineGroups(isLarge: boolean): readonly Group[] {
  return [
    latency,
    decisions,
    growth(isLarge),
    creation,
    replay,
    snapshots,
    append,
    listing(isLarge),
    recovery,
    flow,
    repetition,
  ];
}

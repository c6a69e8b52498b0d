/** Groups of the workloads W1 to W5: ours beside the floors, and beside the peers. */
import type { Case, Group } from './case.ts';

/** Part of the floor's rate that each mode must reach; on a chain part of the floor whose starts share a commit. */
const TARGETS = { memory: 0.25, normal: 0.6, full: 0.6 } as const;
const CHAIN_TARGET = 0.5;
const DURABLE = ['normal', 'full'] as const;

/** Of all groups that run workloads. */
export const RATE_COLUMNS: Group['columns'] = [
  { figure: 'tasksPerSecond', title: 'tasks/s', digits: 0, hasSpread: true },
  { figure: 'usPerTask', title: 'µs/task', digits: 1 },
  { figure: 'processorUsPerTask', title: 'CPU µs/task', digits: 1 },
  { figure: 'peakRssMiB', title: 'peak RSS MiB', digits: 0 },
];

interface Place {
  readonly group: string;
  readonly workload: string;
}

function workloadCase({ group, workload }: Place, subject: string): Case {
  return {
    id: `${group}/${workload}/${subject}`,
    group,
    labels: [workload, subject],
    child: ['workload', subject, workload],
    stays: `${group}/${workload}`,
  };
}

function comparedCase(place: Place, subject: string, compared: { readonly to: string; readonly target: number }): Case {
  const floorId = workloadCase(place, compared.to).id;
  return {
    ...workloadCase(place, subject),
    floor: { caseId: floorId, figure: 'tasksPerSecond', target: compared.target },
  };
}

/** The floors of a workload, and ours in all modes. */
function oursAndFloors(group: string, workload: string): readonly Case[] {
  const place = { group, workload };
  const isChain = workload === 'W1';
  return [
    workloadCase(place, 'floor-memory'),
    comparedCase(place, 'coppice-memory', { to: 'floor-memory', target: TARGETS.memory }),
    ...DURABLE.flatMap((mode) => {
      const own = `floor-events-${mode}`;
      const to = isChain ? `${own}-shared` : own;
      return [
        workloadCase(place, own),
        ...(isChain ? [workloadCase(place, to)] : []),
        comparedCase(place, `coppice-${mode}`, { to, target: isChain ? CHAIN_TARGET : TARGETS[mode] }),
      ];
    }),
  ];
}

const throughput: Group = {
  name: 'throughput',
  title: 'Throughput: tasks that do nothing',
  note:
    'Creating (validation included), running and waiting for the end. Ratios are to the floor of the same mode: the median ' +
    'of all rounds, their range, and the best round of ours to the best of the floor.',
  labelTitles: ['workload', 'subject'],
  columns: RATE_COLUMNS,
  cases: ['W1', 'W2', 'W3', 'W4'].flatMap((workload) => oursAndFloors('throughput', workload)),
};

const overhead: Group = {
  name: 'overhead',
  title: 'Overhead: tasks that take a second',
  note:
    'Five tasks of a second at once (W5) and three in a row (W5b). Late: beyond 1 s and 3 s. A timer fires late by itself, a ' +
    'millisecond or more on a busy machine, as the floor shows. Overhead: beyond what the tasks took from their call to their answer.',
  labelTitles: ['workload', 'subject'],
  columns: [
    { figure: 'overheadMs', title: 'late ms', digits: 2, hasSpread: true },
    { figure: 'beyondTasksMs', title: 'overhead ms', digits: 2, hasSpread: true, below: 5 },
  ],
  cases: [
    ...['floor-memory', 'coppice-memory', 'coppice-normal'].map((subject) =>
      workloadCase({ group: 'overhead', workload: 'W5' }, subject),
    ),
    ...['floor-memory', 'coppice-normal'].map((subject) =>
      workloadCase({ group: 'overhead', workload: 'W5b' }, subject),
    ),
  ],
  isOnRequest: true,
};

export const THROUGHPUT_GROUPS: readonly Group[] = [throughput, overhead];

/** All groups of cases. */
import type { Case, Group } from './case.ts';

const OURS = ['memory', 'normal', 'full'] as const;

/** Ratio to the floor that each mode must reach (the chain: to the floor whose starts share a commit). */
const TARGETS = { memory: 0.25, normal: 0.6, full: 0.6 } as const;
const CHAIN_TARGET = 0.5;

function throughputCases(): Case[] {
  const names = ['W1', 'W2', 'W3', 'W4'] as const;
  return names.flatMap((workload) => [
    workloadCase(workload, 'floor-memory'),
    workloadCase(workload, 'coppice-memory', { floor: 'floor-memory', target: TARGETS.memory }),
    ...(['normal', 'full'] as const).flatMap((mode) => {
      const isChain = workload === 'W1';
      const own = `floor-events-${mode}`;
      const shared = `${own}-shared`;
      const floor = isChain ? shared : own;
      return [
        workloadCase(workload, own),
        ...(isChain ? [workloadCase(workload, shared)] : []),
        workloadCase(workload, `coppice-${mode}`, { floor, target: isChain ? CHAIN_TARGET : TARGETS[mode] }),
      ];
    }),
  ]);
}

function workloadCase(
  workload: string,
  subject: string,
  compared?: { readonly floor: string; readonly target: number },
): Case {
  const group = 'throughput';
  return {
    id: `${group}/${workload}/${subject}`,
    group,
    labels: [workload, subject],
    child: ['workload', subject, workload],
    ...(compared === undefined
      ? {}
      : {
          floor: {
            caseId: `${group}/${workload}/${compared.floor}`,
            figure: 'tasksPerSecond',
            target: compared.target,
          },
        }),
  };
}

const throughput: Group = {
  name: 'throughput',
  title: 'Throughput',
  labelTitles: ['workload', 'subject'],
  columns: [
    { figure: 'tasksPerSecond', title: 'tasks/s', digits: 0, hasSpread: true },
    { figure: 'usPerTask', title: 'µs/task', digits: 1 },
    { figure: 'processorUsPerTask', title: 'CPU µs/task', digits: 1 },
    { figure: 'peakRssMiB', title: 'peak RSS MiB', digits: 0 },
  ],
  cases: throughputCases(),
  isDefault: true,
};

const overhead: Group = {
  name: 'overhead',
  title: 'Overhead over tasks that take a second',
  labelTitles: ['workload', 'subject'],
  columns: [{ figure: 'overheadMs', title: 'overhead ms', digits: 2, hasSpread: true }],
  cases: (['W5', 'W5b'] as const).flatMap((workload) =>
    ['floor-memory', ...OURS.map((mode) => `coppice-${mode}`)].map((subject) => ({
      ...workloadCase(workload, subject),
      id: `overhead/${workload}/${subject}`,
      group: 'overhead',
      roundsMax: 2,
    })),
  ),
  isDefault: true,
};

export const GROUPS: readonly Group[] = [throughput, overhead];

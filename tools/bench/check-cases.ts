/**
 * The cases of the regression check: a chain (a commit per task), the wide tree and the many trees.
 *
 * All are compared with the durable floor, also ours in memory: the floor in memory takes less than a microsecond per task,
 * too little to be a steady measure.
 */
import type { Case } from './case.ts';

const COMPARED: Readonly<Record<string, { readonly floor: string; readonly subjects: readonly string[] }>> = {
  W1: { floor: 'floor-events-normal-shared', subjects: ['coppice-normal'] },
  W2: { floor: 'floor-events-normal', subjects: ['coppice-memory', 'coppice-normal'] },
  W3: { floor: 'floor-events-normal', subjects: ['coppice-memory', 'coppice-normal'] },
};

export const CHECK_CASES: readonly Case[] = Object.entries(COMPARED).flatMap(([workload, { floor, subjects }]) => [
  checkCase(workload, floor),
  ...subjects.map((subject) => ({
    ...checkCase(workload, subject),
    floor: { caseId: `${workload}/${floor}`, figure: 'tasksPerProcessorSecond' },
  })),
]);

function checkCase(workload: string, subject: string): Case {
  return {
    id: `${workload}/${subject}`,
    group: 'check',
    labels: [workload, subject],
    child: ['workload', subject, workload],
    stays: workload,
  };
}

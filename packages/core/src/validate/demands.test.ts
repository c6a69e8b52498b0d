import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionOf, linesOf, rejectionOf, validate } from './validation.fixture.ts';

const one = (more: Partial<TaskSubmission>): readonly TaskSubmission[] => [
  { id: 'root' },
  { id: 'a', parentId: 'root', executor: 'work', ...more },
];

describe('locks and resources', () => {
  it('are part of the definition', () => {
    const locks = ['deploy', 'db-${{ inputs.region }}'];
    expect(
      definitionOf(one({ locks, resources: { cpu: 2, memory: 0.125 } }), { inputs: { region: 'eu' } }).tasks[1],
    ).toMatchObject({
      locks,
      resources: { cpu: 2, memory: 0.125 },
    });
    expect(definitionOf(one({})).tasks[1]).not.toHaveProperty('locks');
  });

  it('are refused where they are none', () => {
    const resources = { a: 0, b: -1, c: 0.0001, d: Infinity, '': 1 };
    expect([
      ...linesOf(one({ locks: ['', 'x'.repeat(201), '${{ secrets.token }}', '${{ inputs.y }}'] }), { inputs: {} }),
      ...linesOf(one({ locks: Array.from({ length: 21 }, (_, at) => `l${at}`) })),
      ...linesOf(one({ rates: ['', '${{ secrets.token }}'] }), { inputs: {} }),
      ...linesOf(one({ resources })),
      ...linesOf(one({ executor: undefined, locks: ['l'], rates: ['r'], resources: { cpu: 1 } })),
      ...linesOf(one({ executor: undefined, wait: { forMs: 1 }, locks: ['l'] })),
    ]).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.1.locks.0: Task 'a' has an empty name",
        "tree/invalid tasks.1.locks.1: Task 'a' has a name of 201 characters",
        "tree/invalid tasks.1.locks.2: Task 'a' reads 'secrets' at offset 0, which there is not here; results of other tasks are in deps, and secrets are for inputs only",
        "tree/invalid tasks.1.locks.3: Task 'a' reads inputs.y, but 'y' is no input that the tree declares; declare it under the tree's 'inputs', as null when it is given at the start",
        "tree/invalid tasks.1.locks: Task 'a' names 21 locks, above the limit of 20",
        "tree/invalid tasks.1.rates.0: Task 'a' has an empty name",
        "tree/invalid tasks.1.rates.1: Task 'a' reads 'secrets' at offset 0, which there is not here; results of other tasks are in deps, and secrets are for inputs only",
        "tree/invalid tasks.1.resources.a: Task 'a' needs 0 of a, which is no amount",
        "tree/invalid tasks.1.resources.b: Task 'a' needs -1 of b, which is no amount",
        "tree/invalid tasks.1.resources.c: Task 'a' needs 0.0001 of c, which is no amount",
        "tree/invalid tasks.1.resources.d: Task 'a' needs Infinity of d, which is no amount",
        "tree/invalid tasks.1.resources.: Task 'a' has an empty name",
        "tree/invalid tasks.1.locks: Task 'a' is a group and has locks, which only attempts hold",
        "tree/invalid tasks.1.rates: Task 'a' is a group and has rates, which only attempts keep",
        "tree/invalid tasks.1.resources: Task 'a' is a group and has resources, which only attempts hold",
        "tree/invalid tasks.1.locks: Task 'a' waits and has locks, which only attempts hold",
      ]
    `);
  });

  it('of a group are refused with what to do instead', () => {
    expect(rejectionOf(one({ executor: undefined, locks: ['l'] })).errors).toMatchObject([
      {
        path: ['tasks', 1, 'locks'],
        expected:
          'locks on each task below it that has an executor; to keep others out from its first step to its last, put the steps into one task, or into a tree that runs once at a time',
      },
    ]);
  });

  it('of a multiplied task are those of its copies, which may read their item', () => {
    expect(validate(one({ forEach: [1], locks: ['host-${{ item }}'], resources: { cpu: 1 } })).ok).toBe(true);
  });

  it('R-LM-05 R-LM-12 a demand above the capacity is refused, with gate, demand and capacity', () => {
    const capacityOf = (name: string): number => (name === 'gpu' ? 1 : Infinity);
    expect(validate(one({ resources: { gpu: 1, cpu: 999 } }), { capacityOf }).ok).toBe(true);
    expect(rejectionOf(one({ resources: { gpu: 2 } }), { capacityOf })).toMatchObject({
      code: 'limit/refused',
      errors: [
        {
          path: ['tasks', 1, 'resources', 'gpu'],
          reason: "Task 'a' needs 2 at the gate resource:gpu, whose capacity is 1, so it could never start",
          expected: 'at most 1, or a higher engine.limits.resources.gpu',
          actual: 2,
        },
      ],
    });
  });
});

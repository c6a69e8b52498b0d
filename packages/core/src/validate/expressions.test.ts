import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionOf, linesOf, rejectionOf, validate } from './validation.fixture.ts';

const root: TaskSubmission = { id: 'root' };
const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});
/** A task that reads these, one input each, and has these dependencies. */
const reading = (expressions: readonly string[], dependencies: readonly string[] = []): readonly TaskSubmission[] => [
  root,
  ...dependencies.map((id) => work(id)),
  work('x', { dependencies, inputs: { list: expressions.map((expression) => `\${{ ${expression} }}`) } }),
];
const behind = (...conditions: readonly (string | null)[]): readonly TaskSubmission[] => [
  root,
  work('a'),
  work('b', { dependencies: conditions.map((condition) => ({ task: 'a', condition })) }),
];

describe('names that inputs read', () => {
  const names = { env: { HOME: '/home/ann' }, secrets: { apiKey: true } };

  it('must be known, with a suggestion', () => {
    const lines = linesOf(
      reading([
        'input.who',
        'inputs.hwo',
        'inputs["when"]',
        'vars.x',
        'env.HOEM',
        'env.PATH',
        'secrets.apikey',
        'task.naem',
        'run.owner',
        'output.n',
        'status',
        'foo',
      ]),
      { inputs: { who: 'a' }, names },
    );
    expect(lines.map((line) => line.replace('tree/invalid tasks.1.inputs.list.', ''))).toMatchInlineSnapshot(`
      [
        "0: Task 'x' reads 'input' at offset 0, which there is not here; did you mean 'inputs'?",
        "1: Task 'x' reads inputs.hwo, but 'hwo' is no input that the tree declares; did you mean 'who'?",
        "2: Task 'x' reads inputs.when, but 'when' is no input that the tree declares; declare it under the tree's 'inputs', as null when it is given at the start",
        "3: Task 'x' reads vars.x, but 'x' is no variable of the tree; declare it under the tree's 'variables'",
        "4: Task 'x' reads env.HOEM, but 'HOEM' is no environment variable that the configuration allows; did you mean 'HOME'?",
        "5: Task 'x' reads env.PATH, but 'PATH' is no environment variable that the configuration allows; allow it in the configuration's 'env'",
        "6: Task 'x' reads secrets.apikey, but 'apikey' is no secret that the configuration names; did you mean 'apiKey'?",
        "7: Task 'x' reads task.naem, but 'naem' is no field of it; did you mean 'name'?",
        "8: Task 'x' reads run.owner, but 'owner' is no field of it",
        "9: Task 'x' reads 'output' at offset 0, which there is not here; results of other tasks are in deps",
        "10: Task 'x' reads 'status' at offset 0, which there is not here; results of other tasks are in deps",
        "11: Task 'x' reads 'foo' at offset 0, which there is not here",
      ]
    `);
  });

  it('may be all that the tree declares, the null among them, and what the configuration gives', () => {
    const expressions = [
      'inputs.who',
      'inputs.later',
      'inputs',
      'vars.v',
      'env.HOME',
      'secrets.apiKey',
      'task.attempt',
      'run.id',
      'deps.a.any.thing',
    ];
    const outcome = validate(reading(expressions, ['a']), {
      inputs: { who: 'a', later: null },
      variables: { v: 1 },
      names,
    });
    expect(outcome).toMatchObject({ ok: true });
  });

  it('say how one comes to be', () => {
    expect(rejectionOf(reading(['inputs.who', 'secrets.token']), { names }).errors).toMatchInlineSnapshot(`
      [
        {
          "actual": "inputs.who",
          "code": "tree/invalid",
          "expected": "one that there is (there is none)",
          "path": [
            "tasks",
            1,
            "inputs",
            "list",
            0,
          ],
          "reason": "Task 'x' reads inputs.who, but 'who' is no input that the tree declares; declare it under the tree's 'inputs', as null when it is given at the start",
        },
        {
          "actual": "secrets.token",
          "code": "tree/invalid",
          "expected": "apiKey",
          "path": [
            "tasks",
            1,
            "inputs",
            "list",
            1,
          ],
          "reason": "Task 'x' reads secrets.token, but 'token' is no secret that the configuration names; name it in the configuration's 'secrets'",
        },
      ]
    `);
  });

  it.each(Object.getOwnPropertyNames(Object.prototype))('is not known for being %s', (name) => {
    expect(linesOf(reading([`inputs["${name}"]`, `secrets["${name}"]`]), { names })).toHaveLength(2);
    const inputs = JSON.parse(`{${JSON.stringify(name)}: 1}`) as TaskSubmission['inputs'];
    expect(validate(reading([`inputs["${name}"]`]), { inputs }).ok).toBe(true);
  });
});

describe('dependencies whose names are no plain words', () => {
  it('are suggested in brackets', () => {
    expect(
      linesOf(
        reading(
          [
            'deps.build-web.stdout',
            'deps.déjà vu.x',
            'deps.in.n + 1',
            'deps.lint:css',
            '1 + deps.build-web',
            'deps.build',
          ],
          ['build-web', 'déjà vu', 'in', 'lint:css'],
        ),
      ).map((line) => line.split(': ').slice(1).join(': ')),
    ).toMatchInlineSnapshot(`
      [
        "Task 'x' reads deps.build-web at offset 0, which is no plain word; write deps['build-web']",
        "Task 'x' reads deps.déjà vu at offset 0, which is no plain word; write deps['déjà vu']",
        "Task 'x' reads deps.in at offset 0, which is no plain word; write deps['in']",
        "Task 'x' reads deps.lint:css at offset 0, which is no plain word; write deps['lint:css']",
        "Task 'x' reads deps.build-web at offset 4, which is no plain word; write deps['build-web']",
        "Task 'x' reads deps.build, but 'build' is not one of its dependencies",
      ]
    `);
  });

  it('do not get in the way of those that are', () => {
    const expressions = ["deps['build-web'].n - deps.build.n", 'deps.inner.n', 'deps.build.n - 1', "'deps.build-web'"];
    expect(validate(reading(expressions, ['build-web', 'build', 'in', 'inner']))).toMatchObject({ ok: true });
  });
});

describe('conditions', () => {
  it('read how their source ended, and nothing else', () => {
    expect(
      linesOf(
        behind('outputs.exitCode == 0', 'deps.a.n == 1', 'inputs.who == 1', 'ouput.n == 1', 'status == error.code'),
      ),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.dependencies.0.condition: Task 'b' reads 'outputs' at offset 0, which there is not here; did you mean 'output'?",
        "tree/invalid tasks.2.dependencies.1.condition: Task 'b' reads 'deps' at offset 0, which there is not here; a condition reads how its source ended",
        "tree/invalid tasks.2.dependencies.2.condition: Task 'b' reads 'inputs' at offset 0, which there is not here; a condition reads how its source ended",
        "tree/invalid tasks.2.dependencies.3.condition: Task 'b' reads 'ouput' at offset 0, which there is not here; did you mean 'output'?",
      ]
    `);
    expect(validate(behind('output.n == 1', 'error == null', 'status == "completed"', 'port == null'))).toMatchObject({
      ok: true,
    });
  });

  it('that are null are none (R-RO-04), as a port that is null is the primary one (R-RO-09)', () => {
    const [, , task] = definitionOf([
      root,
      work('a'),
      work('b', { dependencies: [{ task: 'a', condition: null, port: null }] }),
    ]).tasks;
    expect(task?.dependencies).toEqual([{ task: 'a', ref: 'a', required: true, on: ['success'], enabled: true }]);
    expect(linesOf(behind(''))).toHaveLength(1);
  });
});

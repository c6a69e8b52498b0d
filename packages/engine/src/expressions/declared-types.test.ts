/** Declared types of inputs, as the checks of expressions use them when a tree is created. */
import { validateTree, type Declares, type TaskSubmission, type TreeId } from '@coppice/core';
import { expect, it } from 'vitest';
import { definitionSchemas } from '../registry/definition-schemas.ts';
import { createCelExpressions } from './cel-expressions.ts';

const declares: Declares = {
  inputs: {
    region: { type: 'string', enum: ['eu', 'us'] },
    replicas: { type: 'integer', default: 1 },
    hosts: { type: 'array', items: { type: 'string' } },
    labels: { type: 'object' },
    dryRun: { type: 'boolean' },
    any: {},
  },
};

/** What is wrong with a task of a tree with these declarations: at the top, or inside a group that declares them. */
function problemsOf(task: Partial<TaskSubmission>, inGroup = false): readonly string[] {
  const tasks: readonly TaskSubmission[] = [
    { id: 'root' },
    { id: 'group', parentId: 'root', ...(inGroup ? { declares, inputs: {} } : {}) },
    { id: 'a', parentId: inGroup ? 'group' : 'root', executor: 'work', ...task },
  ];
  const outcome = validateTree(inGroup ? { tasks } : { tasks, declares }, {
    treeId: 't' as TreeId,
    expressions: createCelExpressions(),
    findExecutor: () => ({}),
    executorTypes: ['work'],
    backoffs: new Set(),
    schemas: definitionSchemas,
  });
  return outcome.ok ? [] : (outcome.rejection.errors ?? []).map(({ path, reason }) => `${path.join('.')}: ${reason}`);
}

it('R-RO-05: refuses what a declared input can not be, with place and suggestion', () => {
  const whens = [
    'inputs.region == "uss"',
    'inputs.region == 5',
    'inputs.region.name == "x"',
    'inputs.replicas == "many"',
    'inputs.replicas',
    'inputs.dryRun == "true"',
    'inputs.hosts > 1',
    'inputs.replicas > 1 && inputs.regoin == "eu"',
  ];
  expect(whens.flatMap((when) => problemsOf({ when }))).toMatchInlineSnapshot(`
    [
      "tasks.2.when: Task 'a' has a malformed expression at offset 17: \`inputs.region\` is never 'uss', but one of eu, us; did you mean 'us'?",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: \`inputs.region\` is text and \`5\` is a number, so they are never equal",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: \`inputs.region\` is text, which has no property 'name'",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: \`inputs.replicas\` is a number and \`"many"\` is text, so they are never equal",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: \`inputs.replicas\` is a number, and this must be true or false; compare it with something",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: \`inputs.dryRun\` is true or false and \`"true"\` is text, so they are never equal",
      "tasks.2.when: Task 'a' has a malformed expression at offset 7: '>' does not fit: \`inputs.hosts\` is a list and \`1\` is a number",
      "tasks.2.when: Task 'a' reads inputs.regoin, but 'regoin' is no input that the tree declares; did you mean 'region'?",
    ]
  `);
  expect(problemsOf({ inputs: { a: '${{ inputs.hosts.first }}' } })).toMatchInlineSnapshot(`
    [
      "tasks.2.inputs.a: Task 'a' has a malformed expression at offset 7: \`inputs.hosts\` is a list, which has no property 'first'",
    ]
  `);
});

it('takes what may hold, and knows nothing of inputs without a type', () => {
  const whens = [
    'inputs.region == "eu"',
    'inputs.dryRun',
    'inputs.replicas > 1 && !inputs.dryRun',
    '"a" in inputs.hosts',
    'inputs.labels.team == 3',
    'inputs.any == 1 || inputs.any.x == "y"',
    'inputs.region == null',
  ];
  expect(whens.flatMap((when) => problemsOf({ when }))).toEqual([]);
});

it('inside a group that declares its inputs those are meant', () => {
  expect(problemsOf({ when: 'inputs.replicas == "many"' }, true)).toHaveLength(1);
  expect(problemsOf({ repeat: { max: 2, until: 'inputs.dryRun == 1' } }, true)).toHaveLength(1);
  expect(
    problemsOf({ forEach: '${{ inputs.hosts }}', as: 'inputs_', when: 'inputs.region == "mars"' }, true),
  ).toHaveLength(1);
});

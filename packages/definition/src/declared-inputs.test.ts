import { expect, it } from 'vitest';
import { completionsAt } from './completion.ts';
import { parseDefinition } from './definition.ts';

const file = (inputs: string) => `version: 1
${inputs}
tasks:
  a: { executor: work }
`;

it('entries with a type or an enum declare, the others are values', () => {
  const parsed = parseDefinition(
    file(
      'inputs:\n  region: { type: string, enum: [eu, us] }\n  who: world\noutputs:\n  short: "${{ deps.a }}"\n  long: { value: 1, description: One }',
    ),
    'f.yaml',
  );
  expect(parsed.ok && parsed.definition.params).toMatchObject({
    inputs: {},
    declares: {
      inputs: { region: { type: 'string', enum: ['eu', 'us'] }, who: { default: 'world' } },
      outputs: { short: { value: '${{ deps.a }}' }, long: { value: 1, description: 'One' } },
    },
  });
  const plain = parseDefinition(file('inputs: { map: { type: postgres, host: x } }'), 'f.yaml');
  expect(plain.ok && plain.definition.params).toMatchObject({ inputs: { map: { type: 'postgres', host: 'x' } } });
  expect(plain.ok && 'declares' in plain.definition.params).toBe(false);
});

it('what is wrong is shown where it is written', () => {
  const parsed = parseDefinition(file('inputs:\n  region: { type: string, minLength: x }'), 'f.yaml');
  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ line: 3 }]);
  const sound = parseDefinition(file('inputs:\n  region: { type: string }'), 'f.yaml');
  expect(
    sound.ok && sound.definition.problemsOf([{ path: ['declares', 'inputs', 'region', 'type'], reason: 'no' }]),
  ).toMatchObject([{ line: 3 }]);
});

it('fields, types and merges are completed', () => {
  const context = { executors: [], outline: { tasks: [] } as never };
  const texts = (before: string) => completionsAt(before, context).map(({ text }) => text);
  expect(texts('version: 1\ninputs:\n  region:\n    ')).toEqual(
    expect.arrayContaining(['type', 'enum', 'default', 'required']),
  );
  expect(texts('version: 1\ninputs:\n  region:\n    type: ')).toContain('integer');
  expect(texts('version: 1\nvariables:\n  total:\n    merge: ')).toContain('deepMerge');
});

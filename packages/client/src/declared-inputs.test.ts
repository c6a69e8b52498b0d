import { expect, it } from 'vitest';
import { inputsForm, missingInputs, type DeclaredInputs } from './declared-inputs.ts';

const declared: DeclaredInputs = {
  region: { type: 'string', enum: ['eu', 'us'], required: true, description: 'Where it runs' },
  count: { type: 'integer', required: true },
  size: { type: 'string', required: true, default: 'small' },
  note: { type: 'string' },
};

it('names what is required and not given', () => {
  expect(missingInputs(declared, {})).toEqual(['region', 'count']);
  expect(missingInputs(declared, { region: null, count: 0 })).toEqual(['region']);
  expect(missingInputs({}, {})).toEqual([]);
});

it('makes a form of it, in which a default makes an input optional', () => {
  expect(inputsForm(declared, ['size', 'region'])).toEqual({
    type: 'object',
    required: ['region'],
    properties: {
      size: { type: 'string', default: 'small' },
      region: { type: 'string', enum: ['eu', 'us'], description: 'Where it runs' },
    },
  });
});

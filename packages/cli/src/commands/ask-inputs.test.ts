import { PassThrough } from 'node:stream';
import type { InputDeclaration } from '@coppice/protocol';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { askInputs, inputValue, missingInputs } from './ask-inputs.ts';
import { declarationLines } from './declaration-lines.ts';

const declared: Readonly<Record<'region' | 'count' | 'version' | 'size' | 'note', InputDeclaration>> = {
  region: { type: 'string', enum: ['eu', 'us'], required: true, description: 'Where it runs' },
  count: { type: 'integer', required: true },
  version: { type: 'string', required: true },
  size: { type: 'string', required: true, default: 'small' },
  note: { type: 'string' },
};

it('asks for what is required and missing, with its choices, again after an empty answer', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const asking = askInputs(declared, { version: '1' }, { input, output });
  for (const line of ['2', '', '3']) input.write(`${line}\n`);
  expect(await asking).toEqual({ region: 'us', count: 3, version: '1' });
  output.end();
  expect(await text(output)).toContain('region (string: 1 eu, 2 us) – Where it runs:');
});

it('says how to give one when nobody answers any more', async () => {
  const input = new PassThrough();
  input.end();
  await expect(askInputs(declared, {}, { input, output: new PassThrough() })).rejects.toThrow('--input region=');
});

it('asks nothing when nothing is missing', async () => {
  const given = { region: 'eu', count: 1, version: '1' };
  const closed = new PassThrough();
  expect(missingInputs(declared, {})).toEqual(['region', 'count', 'version']);
  expect(await askInputs(declared, given, { input: closed, output: closed })).toBe(given);
});

it('takes text as it stands where text is wanted, a choice by its number, else YAML', async () => {
  expect(await inputValue('3.10', { type: 'string' }, 'x')).toBe('3.10');
  expect(await inputValue('us', declared.region, 'x')).toBe('us');
  expect(await inputValue('1', { enum: [10, 20] }, 'x')).toBe(10);
  expect(await inputValue('[1, a]', undefined, 'x')).toEqual([1, 'a']);
});

it('lists what a definition declares', () => {
  expect(declarationLines({ inputs: declared, outputs: { url: { description: 'The address' }, id: {} } })).toEqual([
    '  input region: string, one of eu, us, required (Where it runs)',
    '  input count: integer, required',
    '  input version: string, required',
    '  input size: string, default small',
    '  input note: string',
    '  output url: The address',
    '  output id',
  ]);
  expect(declarationLines()).toEqual([]);
});

import { PassThrough } from 'node:stream';
import type { InputDeclaration } from '@coppice/protocol';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { openPrompt } from './ask-fields.ts';
import { askInputs } from './ask-inputs.ts';
import { declarationLines } from './declaration-lines.ts';

const declared: Readonly<Record<'region' | 'count' | 'version' | 'size' | 'note', InputDeclaration>> = {
  region: { type: 'string', enum: ['eu', 'us'], required: true, description: 'Where it runs' },
  count: { type: 'integer', required: true },
  version: { type: 'string', required: true },
  size: { type: 'string', required: true, default: 'small' },
  note: { type: 'string' },
};

/** Asks on streams, on which these lines are typed; with what is shown then. */
async function asked(
  given: Readonly<Record<string, string | number>>,
  lines: readonly string[],
  inputs = declared as Readonly<Record<string, InputDeclaration>>,
): Promise<{ readonly answers: unknown; readonly shown: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asking = askInputs(inputs, given, () => openPrompt({ input, output }));
  for (const line of lines) input.write(`${line}\n`);
  input.end();
  const answers = await asking.finally(() => output.end());
  return { answers, shown: stripVTControlCharacters(await text(output)) };
}

it('asks for what is required and missing, with its choices, again after an empty answer and one that does not fit', async () => {
  const { answers, shown } = await asked({ version: '1' }, ['asia', '2', '', '3']);
  expect(answers).toEqual({ region: 'us', count: 3, version: '1' });
  expect(shown.split('region (Where it runs; one of 1 eu, 2 us): ')).toHaveLength(3);
  expect(shown).toContain('asia does not fit.\n');
  expect(shown).toContain('A value is needed.\n');
  expect(shown).not.toContain('size');
});

it('says how to give one when nobody answers any more', async () => {
  await expect(asked({}, [])).rejects.toThrow('--input region=');
  await expect(asked({}, ['eu', '1'])).rejects.toThrow('--input version=');
});

it('asks nothing when nothing is missing', async () => {
  const given = { region: 'eu', count: 1, version: '1' };
  expect(await asked(given, [])).toEqual({ answers: given, shown: '' });
});

it('takes text as it stands where text is wanted, a choice by itself or by its number, else YAML', async () => {
  const inputs: Readonly<Record<string, InputDeclaration>> = {
    text: { type: 'string', required: true },
    choice: { enum: [10, 20], required: true },
    again: { enum: [10, 20], required: true },
    any: { required: true },
  };
  const { answers } = await asked({}, ['3.10', '20', '1', '[1, a]'], inputs);
  expect(answers).toEqual({ text: '3.10', choice: 20, again: 10, any: [1, 'a'] });
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

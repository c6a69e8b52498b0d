import { stripVTControlCharacters } from 'node:util';
import type { OpenWait } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { askForAnswer } from './answer-prompt.ts';
import type { Prompt } from './ask-fields.ts';

const wait: OpenWait = {
  taskId: 't.1',
  treeId: 't',
  treeName: 'release',
  userId: 'local',
  name: 'ask',
  kind: 'approval',
  signal: 'approval',
  title: 'Ship it?',
  text: 'Version 2',
  form: {
    type: 'object',
    required: ['region', 'size'],
    properties: {
      region: { type: 'string', title: 'Region', enum: ['eu', 'us'] },
      size: { type: 'integer' },
      note: { type: 'string' },
      days: { type: 'integer', default: 7, description: 'How many' },
    },
  },
  approvers: null,
  mayAnswer: true,
  since: '2026-11-20T12:00:00.000Z',
  dueAt: null,
  reminders: 0,
};

/** A person who types these lines, and what is shown to them, without colours. */
function person(...lines: readonly string[]): Prompt & { readonly shown: string[] } {
  const typed = [...lines];
  const shown: string[] = [];
  return {
    shown,
    tell: (text) => void shown.push(stripVTControlCharacters(text)),
    ask(question) {
      shown.push(stripVTControlCharacters(question));
      const line = typed.shift();
      return line === undefined
        ? Promise.reject(new Error(`nothing left to type at: ${question}`))
        : Promise.resolve(line);
    },
  };
}

it('asks for the approval, every value of the form, and a comment', async () => {
  const typing = person('maybe', 'yes', 'asia', 'eu', '', '5', '', '', 'fine');
  expect(await askForAnswer(wait, {}, typing)).toEqual({
    approved: true,
    values: { region: 'eu', size: 5 },
    comment: 'fine',
  });
  expect(typing.shown).toEqual([
    'Ship it?',
    'Version 2',
    'Approve? (yes/no) ',
    'Type yes or no.',
    'Approve? (yes/no) ',
    'Region (one of 1 eu, 2 us): ',
    'asia does not fit.',
    'Region (one of 1 eu, 2 us): ',
    'size: ',
    'A value is needed.',
    'size: ',
    'note (may be empty): ',
    'days (How many; default 7): ',
    'Comment (may be empty): ',
  ]);
});

it('asks for nothing that is given, and for no values of a rejection', async () => {
  expect(await askForAnswer(wait, { approved: false }, person(''))).toEqual({ approved: false });
  const given = { approved: true, values: { region: 'eu', size: 1, note: '', days: 3 }, comment: 'ok' };
  expect(await askForAnswer(wait, given, person())).toEqual(given);
});

it('asks for the payload of a signal', async () => {
  const signal: OpenWait = { ...wait, kind: 'signal', signal: 'go', form: { properties: { n: {} }, required: ['n'] } };
  expect(await askForAnswer(signal, {}, person('[1, two]'))).toEqual({ values: { n: [1, 'two'] } });
});

import { describe, expect, it } from 'vitest';
import { answerFields, readAnswer } from './answer-fields.ts';

const FORM = {
  type: 'object',
  required: ['topic'],
  properties: {
    topic: { type: 'string', title: 'Topic', enum: ['sales', 'stock'] },
    days: { type: 'integer', description: 'How many', default: 7 },
    note: { type: 'string', default: 'none' },
    isUrgent: { type: 'boolean', default: false },
    more: { type: 'array' },
  },
};

describe('the fields of an answer (R-SN-01)', () => {
  it('follow from the schema: text, number, choice, true or false, and JSON for anything else', () => {
    const fields = answerFields(FORM, 'Payload');
    expect(fields.map(({ name, kind, initial }) => [name, kind, initial])).toEqual([
      ['topic', 'choice', ''],
      ['days', 'number', '7'],
      ['note', 'text', 'none'],
      ['isUrgent', 'choice', 'false'],
      ['more', 'json', ''],
    ]);
    expect(fields.map(({ label }) => label)).toEqual(['Topic', 'days', 'note', 'isUrgent', 'more']);
    expect(fields.map(({ isRequired }) => isRequired)).toEqual([true, false, false, false, false]);
    expect(fields[1]?.hint).toBe('How many');
    expect(fields[3]?.choices).toEqual([true, false]);
  });

  it('are one field for the whole value where the schema names no properties', () => {
    expect(answerFields(undefined, 'Payload')).toMatchObject([{ name: undefined, label: 'Payload', kind: 'json' }]);
    const fields = answerFields({ type: 'number' }, 'Payload');
    expect(fields).toMatchObject([{ name: undefined, kind: 'number' }]);
    expect(readAnswer(fields, ['3'])).toEqual({ ok: true, values: 3 });
    expect(readAnswer(fields, [''])).toEqual({ ok: true, values: undefined });
  });

  it('do not fall over a schema that is not what it should be', () => {
    const fields = answerFields(
      { properties: { a: true, b: { type: ['string', 'null'], title: 3, enum: [] } } },
      'Payload',
    );
    expect(fields.map(({ label, kind }) => [label, kind])).toEqual([
      ['a', 'json'],
      ['b', 'json'],
    ]);
  });

  it('are read as values; an empty one is left out, and a text with a default can be emptied', () => {
    const fields = answerFields(FORM, 'Payload');
    const typed = ['"stock"', '3', '', 'true', '[1]'];
    const values = { topic: 'stock', days: 3, note: '', isUrgent: true, more: [1] };
    expect(readAnswer(fields, typed)).toEqual({ ok: true, values });
    expect(readAnswer(fields, ['', '', 'x', '', ''])).toEqual({ ok: true, values: { note: 'x' } });
  });

  it('tell each text that can not be read, at its field', () => {
    const read = readAnswer(answerFields(FORM, 'Payload'), ['"stock"', 'many', '', '', '[1']);
    expect(read.ok ? [] : [...read.problems.keys()]).toEqual([1, 4]);
  });

  it('can have any name', () => {
    const form = { properties: JSON.parse('{"__proto__":{"type":"string"}}') as Record<string, object> };
    const read = readAnswer(answerFields(form as never, 'Payload'), ['x']);
    expect(JSON.stringify(read)).toBe('{"ok":true,"values":{"__proto__":"x"}}');
  });
});

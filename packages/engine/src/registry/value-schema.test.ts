import type { JsonObject, StandardSchema } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { compileValueSchema, toJsonSchema } from './value-schema.ts';

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    age: { type: 'integer', minimum: 0 },
    role: { enum: ['admin', 'guest'] },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    home: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
    contact: { anyOf: [{ type: 'string' }, { type: 'object', required: ['phone'] }] },
  },
  required: ['name'],
  additionalProperties: false,
} as const satisfies JsonObject;

const check = (value: JsonObject) => compileValueSchema(person).check(value);
const define = (inputs: JsonObject, suppliedKeys: readonly string[] = []) =>
  compileValueSchema(person).checkDefinition(inputs, { suppliedKeys });

describe('check', () => {
  it('answers the value when it fits', () => {
    expect(check({ name: 'Ada', tags: ['x'] })).toEqual({ ok: true, value: { name: 'Ada', tags: ['x'] } });
  });

  it('tells all that is wrong at once, each with path, expectation and value (task/invalid-inputs)', () => {
    const value = { nmae: 'Ada', age: -1, role: 'boss', tags: ['a', null], home: { city: 1, zip: 'x' }, contact: 5 };
    expect(check(value)).toEqual({
      ok: false,
      issues: [
        { path: ['name'], reason: "'name' is required", expected: 'string' },
        {
          path: ['nmae'],
          reason: "unknown property 'nmae'; did you mean 'name'?",
          expected: 'one of "name", "age", "role", "tags", "home", "contact"',
          actual: 'Ada',
        },
        { path: ['age'], reason: 'must be >= 0', expected: '>= 0', actual: -1 },
        {
          path: ['role'],
          reason: 'must be one of "admin", "guest"',
          expected: 'one of "admin", "guest"',
          actual: 'boss',
        },
        { path: ['tags', 1], reason: 'must be string, not null', expected: 'string', actual: null },
        { path: ['home', 'zip'], reason: "unknown property 'zip'", expected: 'one of "city"', actual: 'x' },
        { path: ['home', 'city'], reason: 'must be string, not number', expected: 'string', actual: 1 },
        { path: ['contact'], reason: 'must match a schema in anyOf', expected: 'match a schema in anyOf', actual: 5 },
      ],
    });
  });

  it('takes a number or boolean in a list or map of texts as its text, and only there', () => {
    const env = { type: 'object', additionalProperties: { type: 'string' } };
    const lists = { type: 'object', properties: { env, args: { type: 'array', items: { type: 'string' } } } };
    const given = { args: ['-n', 5, true, 2.5, '07'], env: { PORT: 8080, DEBUG: false, NAME: 'x' } };
    const before = structuredClone(given);
    expect(compileValueSchema(lists).check(given)).toEqual({
      ok: true,
      value: { args: ['-n', '5', 'true', '2.5', '07'], env: { PORT: '8080', DEBUG: 'false', NAME: 'x' } },
    });
    expect(given).toEqual(before);
    expect(compileValueSchema(lists).checkDefinition(given)).toEqual([]);
    expect(compileValueSchema(lists).check({ args: [null], env: { A: [1] } })).toMatchObject({
      ok: false,
      issues: [{ path: ['env', 'A'] }, { path: ['args', 0] }],
    });
    expect(check({ name: 12 })).toMatchObject({ ok: false, issues: [{ path: ['name'] }] });
  });

  it('never tells a whole document', () => {
    const result = check({ name: ['x'.repeat(10_000)] });
    expect(result).toMatchObject({ issues: [{ actual: 'array' }] });
    expect(JSON.stringify(check({ name: 'Ada', role: 'x'.repeat(10_000) })).length).toBeLessThan(500);
  });

  it('removes what dependencies supplied and the schema does not know', () => {
    const value = { name: 'Ada', fetch: { body: 1 }, age: 3 };
    expect(compileValueSchema(person).check(value, { dependencyKeys: ['fetch', 'age'] })).toEqual({
      ok: true,
      value: { name: 'Ada', age: 3 },
    });
    expect(value).toHaveProperty('fetch');
  });

  it('keeps it when the schema allows other properties', () => {
    const open = compileValueSchema({ type: 'object' });
    expect(open.check({ fetch: 1 }, { dependencyKeys: ['fetch'] })).toEqual({ ok: true, value: { fetch: 1 } });
  });

  it('escapes nothing in paths', () => {
    const schema = compileValueSchema({ properties: { 'a/b~c': { properties: { 0: { type: 'string' } } } } });
    expect(schema.check({ 'a/b~c': { 0: 1 } })).toMatchObject({ issues: [{ path: ['a/b~c', '0'] }] });
  });

  it('compiles the same schema object once, and refuses what is no schema', () => {
    expect(compileValueSchema(person)).toBe(compileValueSchema(person));
    expect(() => compileValueSchema({ type: 'strnig' })).toThrow(
      /schema is invalid: data\/type must be equal to one of the allowed values/,
    );
  });

  it('takes two schemas with one $id', () => {
    const make = (type: string) => compileValueSchema({ $id: 'https://example.org/input', type });
    expect(make('string').check('x')).toMatchObject({ ok: true });
    expect(make('number').check('x')).toMatchObject({ ok: false });
  });
});

describe('checkDefinition', () => {
  it('drops what an expression decides, at and below it', () => {
    expect(
      define({
        name: '${{ x }}',
        age: '${{ deps.a.age }}',
        role: 'the ${{ inputs.role }}',
        tags: ['ok', '${{ x }}'],
        home: '${{ x }}',
      }),
    ).toEqual([]);
  });

  it('still tells what no expression can change', () => {
    const issues = define({ nmae: '${{ x }}', tags: ['${{ x }}', null, 'b', 'c'], home: { zip: '${{ x }}' } });
    expect(issues).toMatchObject([
      { path: ['name'], reason: "'name' is required" },
      { path: ['nmae'], reason: "unknown property 'nmae'; did you mean 'name'?" },
      { path: ['tags'], reason: 'must NOT have more than 3 items' },
      { path: ['tags', 1], reason: 'must be string, not null' },
      { path: ['home', 'city'] },
      { path: ['home', 'zip'] },
    ]);
  });

  it('does not miss what a dependency will supply', () => {
    expect(define({}, ['name'])).toEqual([]);
    expect(define({}, ['other'])).toMatchObject([{ path: ['name'] }]);
    expect(define({ name: 1 }, ['name'])).toMatchObject([{ path: ['name'] }]);
  });

  it('drops a choice between forms that an expression inside decides', () => {
    expect(define({ name: 'Ada', contact: { fax: '${{ x }}' } })).toEqual([]);
    expect(define({ name: 'Ada', contact: { fax: '1' } })).toMatchObject([{ path: ['contact'] }]);
  });
});

describe('Standard Schema', () => {
  const positive = (isAsync: boolean): StandardSchema => ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate(value) {
        const count = (value as { count?: unknown }).count;
        const result =
          typeof count === 'number'
            ? { value: { count, doubled: count * 2 } }
            : { issues: [{ message: 'count must be a number', path: [{ key: 'count' }] }] };
        return isAsync ? Promise.resolve(result) : result;
      },
      jsonSchema: {
        input: ({ target }) => ({ $comment: target, properties: { count: {} }, additionalProperties: false }),
      },
    },
  });

  it.each([true, false])('checks, with its own output (async: %s)', async (isAsync) => {
    const schema = compileValueSchema(positive(isAsync));
    expect(await schema.check({ count: 2, extra: 1 }, { dependencyKeys: ['extra'] })).toEqual({
      ok: true,
      value: { count: 2, doubled: 4 },
    });
    expect(await schema.check({ count: 'x' })).toEqual({
      ok: false,
      issues: [{ path: ['count'], reason: 'count must be a number', actual: 'x' }],
    });
    expect(await schema.checkDefinition({ count: '${{ x }}' })).toEqual([]);
    expect(await schema.checkDefinition({}, { suppliedKeys: ['count'] })).toEqual([]);
    expect(await schema.checkDefinition({ count: 'x' })).toHaveLength(1);
  });

  it('is shown as JSON Schema when it can tell', () => {
    expect(toJsonSchema(positive(false))).toMatchObject({ $comment: 'draft-2020-12' });
    expect(
      toJsonSchema({ '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } }),
    ).toBeUndefined();
    expect(toJsonSchema(person)).toBe(person);
  });
});

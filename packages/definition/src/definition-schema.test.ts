import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDefinition, readDefinition } from './definition.ts';
import { definitionJsonSchema } from './definition-schema.ts';
import { DURATION_FIELDS } from './durations.ts';

const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(
  definitionJsonSchema(),
);
const examples = resolve(import.meta.dirname, '../../../examples');

const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.coppice.yaml'),
);

it.each(files)('examples/%s agrees with the schema and with the reader', async (file) => {
  const text = readFileSync(join(examples, file), 'utf8');
  const read = (path: string): Promise<string> => readFile(join(examples, dirname(file), path), 'utf8');
  validate(parse(text, { merge: true }));
  expect(validate.errors).toBeNull();
  expect(await readDefinition(text, file, { read })).toMatchObject({ ok: true });
});

it.each([
  ['{}'],
  ['version: 1'],
  ['version: 2\ntasks: {a: }'],
  ['version: 1\ntasks: {a: {executr: x}}'],
  ['version: 1\ntasks: {a: {policies: {timeout: 30}}}'],
  ['version: 1\ntasks: {a: {policies: {timeout: soon}}}'],
  ['version: 1\ntasks: {a: {children: [{priority: high}]}}'],
  ['version: 1\nfoo: 1\ntasks: {a: }'],
  ['version: 1\npolicies: {retry: {strategy: often}}\ntasks: {a: }'],
  ['version: 1\npolicies: {breaker: {openFor: 30}}\ntasks: {a: }'],
  ['version: 1\npolicies: {breaker: {whenOpen: never}}\ntasks: {a: }'],
])('%j is refused by the schema and by the reader', (text) => {
  expect(validate(parse(text))).toBe(false);
  expect(parseDefinition(text, 'f.yaml')).toMatchObject({ ok: false });
});

it('takes a window of a breaker as a number of calls or as a time (R-SG-08)', () => {
  const text = (window: string) => `version: 1\ntasks: {a: {policies: {breaker: {window: ${window}, openFor: 10s}}}}`;
  const windowOf = (window: string) => {
    expect(validate(parse(text(window)))).toBe(true);
    const read = parseDefinition(text(window), 'f.yaml');
    return read.ok ? read.definition.params.tasks[0]?.policies?.breaker : undefined;
  };
  expect(windowOf('50')).toEqual({ window: 50, openForMs: 10_000 });
  expect(windowOf('60s')).toEqual({ windowMs: 60_000, openForMs: 10_000 });
  expect(validate(parse(text('soon')))).toBe(false);
});

it('offers every duration of the wire with a unit, and no other', () => {
  const { $defs } = definitionJsonSchema() as { $defs: Record<string, { properties?: Record<string, unknown> }> };
  const names = ['TaskPolicies', 'RunPolicies', 'RetryPolicy', 'BreakerPolicy', 'Wait', 'Approval'].flatMap((name) =>
    Object.keys($defs[name]?.properties ?? {}),
  );
  const durations = names.filter((name) => name.endsWith('Ms')).map((name) => name.slice(0, -2));
  expect(new Set(durations)).toEqual(new Set(DURATION_FIELDS));
});

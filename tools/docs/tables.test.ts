/** The tables of the pages name what there is, all of it and nothing else. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RUN_STATUSES, TASK_STATUSES } from '@coppice/core';
import type { Executor } from '@coppice/core';
import { createAggregateExecutor } from '@coppice/executor-aggregate';
import { createCommandExecutor } from '@coppice/executor-command';
import { createDelayExecutor } from '@coppice/executor-delay';
import { createFunctionExecutor } from '@coppice/executor-function';
import { createHttpExecutor } from '@coppice/executor-http';
import { createSystemInfoExecutor } from '@coppice/executor-system-info';
import { ERRORS } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from './known-names.ts';
import { namesIn, tableBelow } from './page-table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted();

/** Durations have two spellings; the pages tell the one with a unit. */
const withoutMs = (fields: readonly string[]): readonly string[] => fields.filter((field) => !field.endsWith('Ms'));

describe('definition files', () => {
  const page = read('docs/guide/definition-files.md');

  it.each([
    ['## The file', fieldsOf().filter((field) => field !== '$schema'), ['x-…']],
    // Of a task that is written flat; the page has it beside `children`.
    ['## A task', fieldsOf('Task').filter((field) => !['id', 'parentId'].includes(field)), []],
    ['A dependency is the id (or name) of a task, or a map:', fieldsOf('DependencySubmission'), []],
  ])('%s', (heading, fields, more) => {
    expect(sorted(namesIn(tableBelow(page, heading)))).toEqual(sorted([...fields, ...more]));
  });
});

it('retry policies', () => {
  const names = namesIn(tableBelow(read('docs/guide/limits-and-retry.md'), '## Retry'));
  expect(sorted(names)).toEqual(sorted(withoutMs(fieldsOf('RetryPolicy'))));
});

it('the codes of errors, each beside its number', () => {
  const rows = tableBelow(read('docs/guide/json-rpc-and-client.md'), '## Errors');
  const told = rows.flatMap((row) => {
    const numbers = (row[0] ?? '').match(/-\d+/g) ?? [];
    const codes = namesIn([row], 1);
    return numbers.map((number, at) => [Number(number), codes[at]]);
  });
  const own = Object.entries(ERRORS).filter(([code]) => !code.startsWith('rpc/'));
  const general = Object.values(ERRORS).length - own.length;
  expect(told.slice(general)).toEqual(own.map(([code, { number }]) => [number, code]));
  expect(told.slice(0, general).map(([number]) => number)).toEqual(
    Object.values(ERRORS)
      .slice(0, general)
      .map(({ number }) => number),
  );
});

describe('the glossary', () => {
  const page = read('docs/glossary.md');

  it.each([
    ['## Statuses of a task', TASK_STATUSES],
    ['## Statuses of a run', RUN_STATUSES],
  ])('%s', (heading, statuses) => {
    expect(sorted(namesIn(tableBelow(page, heading)))).toEqual(sorted(statuses));
  });
});

describe('inputs of executors, with their defaults', () => {
  it.each([
    createAggregateExecutor(),
    createCommandExecutor(),
    createDelayExecutor(),
    createFunctionExecutor(),
    createHttpExecutor(),
    createSystemInfoExecutor(),
  ])('$type', ({ type, input }: Executor) => {
    const { properties, required = [] } = input as unknown as InputSchema;
    const rows = tableBelow(read(`extensions/executor-${type}/README.md`));
    expect(sorted(namesIn(rows))).toEqual(sorted(Object.keys(properties)));
    for (const [name, value] of Object.entries(properties)) {
      const row = rows.find((cells) => namesIn([cells]).includes(name)) ?? [];
      expect(row[0]?.includes('(required)'), name).toBe(required.includes(name));
      expect(row[1] ?? '', name).toContain(value.default === undefined ? '' : defaultText(value.default));
    }
  });
});

interface InputSchema {
  readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
}

const MIB = 2 ** 20;

function defaultText(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => (typeof item === 'string' ? `'${item}'` : String(item))).join(', ')}]`;
  return typeof value === 'number' && value % MIB === 0 && value > 0 ? `${value / MIB} MiB` : String(value);
}

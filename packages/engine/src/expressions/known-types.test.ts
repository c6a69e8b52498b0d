import type { ExpressionTypes } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { createCelExpressions } from './cel-expressions.ts';

const expressions = createCelExpressions();

const TYPES: ExpressionTypes = {
  names: {
    status: { oneOf: ['completed', 'failed'] },
    error: { properties: { code: 'text', retryable: 'boolean', data: undefined } },
    port: 'text',
    count: 'number',
    items: 'list',
  },
  result: 'boolean',
};

/** `offset: message`, or `fits`. */
function checked(expression: string, types = TYPES): string {
  const problem = expressions.check(expression, types);
  return problem === undefined ? 'fits' : `${problem.offset}: ${problem.message}`;
}

describe('what is known of types before anything runs (R-RO-05)', () => {
  it.each([
    'output',
    'output.a.b',
    'output.n > 5',
    '"10" > output.n',
    'output.n > "7"',
    'status == "failed"',
    '"completed" != status',
    'status in ["completed", output.other]',
    'error.retryable',
    'error.data.exitCode == 2',
    'error.code.startsWith("http")',
    'port == null || port == "high"',
    'has(output.n) && !output.off',
    'output.list.exists(status, status)',
    'output.list.all(x, x > 1 && x)',
    'count > "7"',
    'count == 0 ? output.a : true',
    'count == 0 ? 1 : output.a',
    'items.exists(x, x == 1)',
    'cel.bind(x, output.n, x > 1)',
    'items[0].x == 1 && {"a": 1}["a"] == 1',
    '-output.n < 0',
  ])('%s fits', (expression) => {
    expect(checked(expression)).toBe('fits');
  });

  it('finds what is never true or false, with its place', () => {
    expect(
      ['status', '1', '"yes"', 'size(output)', 'error', 'items', 'output.a ? 1 : 2', 'output.name.lower()'].map(
        (each) => checked(each),
      ),
    ).toMatchInlineSnapshot(`
      [
        "0: \`status\` is text, and this must be true or false; compare it with something",
        "0: \`1\` is a number, and this must be true or false; compare it with something",
        "0: \`"yes"\` is text, and this must be true or false; compare it with something",
        "0: \`size(output)\` is a number, and this must be true or false; compare it with something",
        "0: \`error\` is a map, and this must be true or false; compare it with something",
        "0: \`items\` is a list, and this must be true or false; compare it with something",
        "0: \`output.a ? 1 : 2\` is a number, and this must be true or false; compare it with something",
        "0: \`output.name.lower()\` is text, and this must be true or false; compare it with something",
      ]
    `);
  });

  it('finds what can never be worked out, with its place', () => {
    expect(
      [
        'output.ok && status',
        '!port || true',
        'status ? true : false',
        'items.exists(x, x && 1)',
        'count.x == 1',
        'status["x"] == 1',
        'output.n > [1]',
        '"ten" > 5',
        'count < "ten"',
        'true > 0',
        'error < 1',
      ].map((each) => checked(each)),
    ).toMatchInlineSnapshot(`
      [
        "13: \`status\` is text, neither true nor false",
        "1: \`port\` is text, neither true nor false",
        "0: \`status\` is text, neither true nor false",
        "21: \`1\` is a number, neither true nor false",
        "0: \`count\` is a number, which has no property 'x'",
        "0: \`status\` is text, which has no property 'x'",
        "7: '>' does not fit: \`output.n\` and \`[1]\` is a list",
        "0: '>' does not fit: \`"ten"\` is text and \`5\` is a number",
        "0: '<' does not fit: \`count\` is a number and \`"ten"\` is text",
        "0: '>' does not fit: \`true\` is true or false and \`0\` is a number",
        "0: '<' does not fit: \`error\` is a map and \`1\` is a number",
      ]
    `);
  });

  it('finds texts that are never there, with the nearest that is', () => {
    expect(
      ['status == "complete"', '"done" == status', 'status in ["failed", "complete"]'].map((each) => checked(each)),
    ).toMatchInlineSnapshot(`
      [
        "10: \`status\` is never 'complete', but one of completed, failed; did you mean 'completed'?",
        "0: \`status\` is never 'done', but one of completed, failed",
        "21: \`status\` is never 'complete', but one of completed, failed; did you mean 'completed'?",
      ]
    `);
  });

  it('finds comparisons that always say the same, because the sides are of different kinds', () => {
    const refused = [
      'count == "ten"',
      'error.retryable != "true"',
      '1 == true',
      'items == "x"',
      'status == 5',
      'count in [1, "x"]',
    ];
    expect(refused.map((each) => checked(each))).toMatchInlineSnapshot(`
      [
        "0: \`count\` is a number and \`"ten"\` is text, so they are never equal",
        "6: \`error.retryable\` is true or false and \`"true"\` is text, so they are never equal",
        "0: \`1\` is a number and \`true\` is true or false, so they are never equal",
        "0: \`items\` is a list and \`"x"\` is text, so they are never equal",
        "0: \`status\` is text and \`5\` is a number, so they are never equal",
        "0: \`count\` is a number and \`"x"\` is text, so they are never equal",
      ]
    `);
    const fits = [
      'count == "10"',
      'error.code == 404',
      'items == null',
      'output.x == 1',
      'count in [1, "2"]',
      '[1] == items',
    ];
    expect(fits.map((each) => checked(each))).toEqual(fits.map(() => 'fits'));
    const numbers = { names: { size: { oneOf: ['1', '2'] } } };
    expect([checked('size == 1', numbers), checked('size == 3 || true', numbers)]).toEqual(['fits', 'fits']);
  });

  it('may have any value where none is wanted', () => {
    expect(checked('status', { names: TYPES.names })).toBe('fits');
    expect(checked('1 + 2', { names: {} })).toBe('fits');
    expect(checked('1 && true', { names: {} })).toBe('0: `1` is a number, neither true nor false');
  });

  it('is asked again for other types', () => {
    expect([checked('count'), checked('count', { names: {} }), checked('count')]).toEqual([
      '0: `count` is a number, and this must be true or false; compare it with something',
      'fits',
      '0: `count` is a number, and this must be true or false; compare it with something',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Json } from '@coppice/core';
import { createCelExpressions } from './cel-expressions.ts';

const expressions = createCelExpressions();

function evaluate(expression: string, scope: Readonly<Record<string, Json>> = {}): Json {
  return expressions.evaluate(expression, scope);
}

/** What an expression that can not be worked out says. */
function fault(expression: string, scope: Readonly<Record<string, Json>> = {}): string {
  try {
    return `no fault: ${JSON.stringify(evaluate(expression, scope))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('values', () => {
  const output = { n: 7, half: 3.5, list: [1, 2, 3], none: null, text: '7', name: 'a', deep: { x: { y: 1 } } };
  const values: readonly (readonly [string, Json])[] = [
    ['1 + 2 * 3', 7],
    ['7 / 2', 3],
    ['output.n / 2', 3.5],
    ['output.n + 1', 8],
    ['output.n % 2', 1],
    ['output.half * 2', 7],
    ['-output.n', -7],
    ['size(output.list) * output.half', 10.5],
    ['"v" + output.n', 'v7'],
    ['string(output.n + 1) + "!"', '8!'],
    ['output.list + [4]', [1, 2, 3, 4]],
    ['{"a": output.list[0], "b": [output.none]}', { a: 1, b: [null] }],
    ['output.deep', { x: { y: 1 } }],
    ['output["deep"].x["y"]', 1],
    ['output.n > 5 && output.n < 10 ? "mid" : "out"', 'mid'],
    ['!(output.n == 7) || false', false],
    ['2 in output.list && !(9 in output.list) && "n" in output', true],
    ['output.list.map(x, x * 2)', [2, 4, 6]],
    ['output.list.map(x, x > 1, x * 2)', [4, 6]],
    ['output.list.filter(x, x > 1).size()', 2],
    ['output.list.all(x, output.list.exists(y, y == x))', true],
    ['output.list.exists_one(x, x == 2)', true],
    ['output.map(k, k).join(",")', 'n,half,list,none,text,name,deep'],
    ['has(output.none) && !has(output.absent) && !has(output.absent.x)', true],
    ['cel.bind(x, output.n + 1, x * x)', 64],
    ['"a,b,c".split(",")', ['a', 'b', 'c']],
    ['"a,b,c".split(",", 2)', ['a', 'b,c']],
    ['["a", "b"].join("-")', 'a-b'],
    ['"banana".replace("an", "AN")', 'bANANa'],
    ['"aXbX".lastIndexOf("X") + "aXbX".indexOf("X", 2)', 6],
    ['"hello".substring(1, 3) + "hello".substring(4)', 'elo'],
    ['" Ab ".trim().lower() + "x".upper()', 'abX'],
    ['"v1.22".matches("^v[0-9]+\\\\.[0-9]+$")', true],
    ['"abc".contains("b") && "abc".startsWith("a") && "abc".endsWith("c")', true],
    ['size("🌲x")', 2],
    ['int("42") + int(output.half)', 45],
    ['double("1.5") + 1', 2.5],
    ['type(output.n) == double && type(1) == int && type(output) == map', true],
    ['bytes("hé").base64()', 'aMOp'],
    ['timestamp("2026-11-30T01:00:00Z") + duration("90s")', '2026-11-30T01:01:30.000Z'],
    ['timestamp("2026-11-30T01:00:00Z").getFullYear()', 2026],
    ['duration("2m") > duration("90s")', true],
    ['1u + 1', 2],
    ['false && 1 / 0 == 1 || true', true],
    ['1 / 0 == 1 || true', true],
  ];

  it.each(values)('%s', (expression, value) => {
    expect(evaluate(expression, { output })).toEqual(value);
  });

  it('shares what comes from the scope', () => {
    expect(evaluate('output.deep', { output })).toBe(output.deep);
  });
});

describe('comparison and logic (R-RO-01, R-RO-02)', () => {
  const truths = [false, true];

  it('compares with each operator', () => {
    const table = [1, 2, 3].map((a) =>
      ['==', '!=', '<', '<=', '>', '>='].map((operator) => evaluate(`a ${operator} 2`, { a })),
    );
    expect(table).toEqual([
      [false, true, true, true, false, false],
      [true, false, false, true, false, true],
      [false, true, false, false, true, true],
    ]);
  });

  it('follows the truth tables, with ! before && before ||, and parentheses before all', () => {
    for (const a of truths) {
      for (const b of truths) {
        expect([evaluate('a && b', { a, b }), evaluate('a || b', { a, b }), evaluate('!a', { a })]).toEqual([
          a && b,
          a || b,
          !a,
        ]);
        for (const c of truths) {
          expect(evaluate('!a && b || c', { a, b, c })).toBe((!a && b) || c);
          expect(evaluate('a || b && !c', { a, b, c })).toBe(a || (b && !c));
          expect(evaluate('!(a || b) && c', { a, b, c })).toBe(!(a || b) && c);
        }
      }
    }
  });

  it('does not work out what no longer matters', () => {
    expect([evaluate('false && 1 / 0 == 1'), evaluate('true || 1 / 0 == 1')]).toEqual([false, true]);
  });
});

describe('missing properties are null (R-RO-03)', () => {
  const output = { n: 7, none: null, list: [1] };

  it.each([
    ['output.absent == null', true],
    ['output.absent != null', false],
    ['output.none == null', true],
    ['output.absent == output.none', true],
    ['output.n == null', false],
    ['output.absent.deeper == null', true],
    ['output.none.deeper == null', true],
    ['output.list[9] == null', true],
    ['output.absent > 1', false],
    ['output.absent <= 1', false],
    ['1 < output.none', false],
    ['output.absent == 0', false],
    ['output.absent == ""', false],
    ['output.absent == null ? "none" : output.absent', 'none'],
  ])('%s is %s', (expression, value) => {
    expect(evaluate(expression, { output })).toBe(value);
  });

  it('is an error as the result, in arithmetic and in calls, naming what is missing', () => {
    expect([
      fault('output.absent', { output }),
      fault('[output.absent]', { output }),
      fault('output.absent + 1', { output }),
      fault('"a" + output.absent', { output }),
      fault('output.absent.size()', { output }),
      fault('output.absent && true', { output }),
      fault('output.n.x', { output }),
      fault('output.list.x', { output }),
      fault('outputs.n', { output }),
    ]).toMatchInlineSnapshot(`
      [
        "it is missing",
        "the result holds a value that is missing",
        "'+' does not fit: \`output.absent\` is missing and \`1\` is a number",
        "'+' does not fit: \`"a"\` is text and \`output.absent\` is missing",
        "size() does not fit: \`output.absent\` is missing",
        "\`output.absent\` is missing, neither true nor false",
        "\`output.n\` is a number, which has no property 'x'",
        "\`output.list\` is a list, which has items by number and no 'x'",
        "there is no 'outputs' here",
      ]
    `);
  });
});

describe('numbers and text (R-RO-06)', () => {
  it.each([
    ['"10" > 9', true],
    ['9 < "10"', true],
    ['"10" == 10', true],
    ['"1e1" == 10', true],
    ['"7\\n" >= 7', true],
    ['" 1.5 " == 1.5', true],
    ['"10" > "9"', false],
    ['"ten" == 10', false],
    ['"" == 0', false],
    ['"0x10" == 16', false],
    ['true == 1', false],
    ['"true" == true', false],
    ['"A" == "a"', false],
    ['"A".lower() == "a"', true],
    ['10 in ["10"]', true],
    ['[1, "2"] == ["1", 2]', true],
    ['1 == 1.0', true],
  ])('%s is %s', (expression, value) => {
    expect(evaluate(expression)).toBe(value);
  });

  it('orders nothing else', () => {
    expect([fault('"ten" > 9'), fault('true > 0'), fault('[1] < [2]'), fault('{} < 1')]).toMatchInlineSnapshot(`
      [
        "'>' does not fit: \`"ten"\` is text and \`9\` is a number",
        "'>' does not fit: \`true\` is true and \`0\` is a number",
        "'<' does not fit: \`[1]\` is a list and \`[2]\` is a list",
        "'<' does not fit: \`{}\` is a map and \`1\` is a number",
      ]
    `);
  });
});

describe('faults', () => {
  it('say what is wrong', () => {
    expect([
      fault('1 / 0'),
      fault('x / 0', { x: 1.5 }),
      fault('x % y', { x: 1, y: 0 }),
      fault('9223372036854775807 + 1'),
      fault('9007199254740993'),
      fault('x * x', { x: 1e300 }),
      fault('1 ? 2 : 3'),
      fault('int("x")'),
      fault('"a".matches(x)', { x: '(' }),
      fault('"🌲".substring(0, 1)'),
      fault('type(1)'),
      fault('[1].join()'),
    ]).toMatchInlineSnapshot(`
      [
        "division by \`0\`, which is zero",
        "division by \`0\`, which is zero",
        "division by \`y\`, which is zero",
        "the integer 9223372036854775808 has more than 64 bits",
        "the integer 9007199254740993 is too large for JSON",
        "the result is Infinity, which JSON can not carry",
        "\`1\` is a number, neither true nor false",
        "\`int("x")\`: int() type error: cannot convert to int",
        "\`"a".matches(x)\`: '(' is no regular expression that RE2 knows: missing closing ): \`(\`",
        "the result holds half of a character: text was cut inside one",
        "the result is neither JSON nor a time; bytes become text by string(), base64() or hex(), types by no function",
        "\`[1].join()\`: join() needs a list of texts, and an item is a number",
      ]
    `);
  });

  it('are found before anything runs where they can be, with their place', () => {
    const check = (expression: string) => expressions.check(expression);
    expect([
      check('1 +'),
      check('sise(x)'),
      check('1 + x.sizee()'),
      check('x.size(1)'),
      check('starts(x)'),
      check('x.int()'),
      check('startsWith(x, "a")'),
      check('x.matches("(?=a)")'),
      check('x.map(1, 2)'),
      check('deps.in'),
      check('a.?b'),
    ]).toMatchInlineSnapshot(`
      [
        {
          "message": "Unexpected token: EOF",
          "offset": 3,
        },
        {
          "message": "there is no function sise(); did you mean 'size'?",
          "offset": 0,
        },
        {
          "message": "there is no function sizee(); did you mean 'size'?",
          "offset": 4,
        },
        {
          "message": "size() takes 0 values, not 1",
          "offset": 0,
        },
        {
          "message": "there is no function starts()",
          "offset": 0,
        },
        {
          "message": "int() is written before its value: int(…)",
          "offset": 0,
        },
        {
          "message": "startsWith() is written after its value: ….startsWith(…)",
          "offset": 0,
        },
        {
          "message": "'(?=a)' is no regular expression that RE2 knows: invalid or unsupported Perl syntax: \`(?=\`",
          "offset": 10,
        },
        {
          "message": "map(var, transform) invalid predicate iteration variable",
          "offset": 6,
        },
        {
          "message": "Expected IDENTIFIER, got IN",
          "offset": 5,
        },
        {
          "message": "Expected IDENTIFIER, got QUESTION",
          "offset": 2,
        },
      ]
    `);
    expect(check('a.b + size(c)')).toBeUndefined();
  });
});

describe('what an expression reads', () => {
  const reads = (expression: string) =>
    expressions
      .reads(expression)
      .map(({ path, start, end }) => [path.join('/'), expression.slice(start, end)].join(' = '));

  it('is every name of the scope, with its properties', () => {
    expect([
      reads('deps.a.b + inputs["x-y"].z'),
      reads('deps[vars.k].out.deep'),
      reads('output.list.map(x, x.n + output.k).size() + x'),
      reads('cel.bind(x, vars.v, x + y)'),
      reads('[a, {"k": b}, c ? d : -e, f(g)]'.replace('f(g)', 'size(g)')),
      reads('has(deps.a.b) && "deps.z" != "" && type(h) == int'),
      reads('output.list[0].n'),
      reads('(a + b).c'),
    ]).toEqual([
      ['deps/a/b = deps.a.b', 'inputs/x-y/z = inputs["x-y"].z'],
      ['deps = deps', 'vars/k = vars.k'],
      ['output/list = output.list', 'output/k = output.k', 'x = x'],
      ['vars/v = vars.v', 'y = y'],
      ['a = a', 'b = b', 'c = c', 'd = d', 'e = e', 'g = g'],
      ['deps/a/b = deps.a.b', 'h = h'],
      ['output/list/0/n = output.list[0].n'],
      ['a = a', 'b = b'],
    ]);
  });
});

/** Names that an object has without being given them. */
const inherited = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

describe('keys are data, whatever they are called', () => {
  it.each(inherited)('%s', (name) => {
    const key = JSON.stringify(name);
    const output = JSON.parse(`{${key}: {${key}: "inner", "n": 1}, "plain": 2, "list": [{${key}: 3}]}`) as Json;
    const scope = { output };
    expect(evaluate(`output[${key}][${key}]`, scope)).toBe('inner');
    expect(evaluate('output.plain', scope)).toBe(2);
    expect(evaluate('output.list.map(x, x)', scope)).toEqual([JSON.parse(`{${key}: 3}`)]);
    expect(evaluate(`output == {${key}: output[${key}], "plain": 2, "list": output.list}`, scope)).toBe(true);
    expect(JSON.stringify(evaluate(`{${key}: 1}`, scope))).toBe(`{${key}:1}`);
    expect(evaluate(`output.filter(k, k == ${key}).size() == 1 && ${key} in output`, scope)).toBe(true);
    expect(evaluate('size(output) + size([output])', scope)).toBe(4);
    expect(evaluate(`type(output) == map && type(output[${key}]) == map`, scope)).toBe(true);
    expect(evaluate(`{}[${key}] == null && !(${key} in {}) && output.list[0].x == null`, scope)).toBe(true);
    expect(expressions.check(`${name === 'prototype' || name === '__proto__' ? 'x' : name} == 1`)).toBeUndefined();
    expect(fault('toString', {})).toContain("there is no 'toString' here");
  });
});

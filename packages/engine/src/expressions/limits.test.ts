import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noExpressionUse as use, type ExpressionUse, type Json } from '@coppice/core';
import { createCelExpressions } from './cel-expressions.ts';

const expressions = createCelExpressions();

function evaluate(expression: string, scope: Readonly<Record<string, Json>> = {}): Json {
  return expressions.evaluate(expression, scope);
}

describe('limits', () => {
  const codeOf = (expression: string, scope: Readonly<Record<string, Json>> = {}): unknown => {
    try {
      evaluate(expression, scope);
      return 'no fault';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };
  const nested = (depth: number, body: string): string =>
    Array.from({ length: depth }, (_, at) => `l.all(x${at}, `).join('') + body + ')'.repeat(depth);
  const l = Array.from({ length: 30 }, (_, at) => at);

  it('match regular expressions in time that grows with the text alone', () => {
    expect(evaluate('text.matches("(a+)+$")', { text: `${'a'.repeat(50_000)}!` })).toBe(false);
    expect(evaluate('text.matches("^(\\\\w+\\\\s?)*$")', { text: `${'word '.repeat(2_000)}!` })).toBe(false);
    expect(codeOf('text.matches("(a|b)*a(a|b){20}c")', { text: 'ab'.repeat(1_000_000) })).toBe('expression/budget');
  });

  it.each([
    ['nested macros', nested(6, 'x0 >= 0'), { l }],
    [
      'text that doubles',
      Array.from({ length: 40 }, (_, at) => `cel.bind(t${at}, ${at === 0 ? '"ab"' : `t${at - 1} + t${at - 1}`}, `).join(
        '',
      ) +
        't39' +
        ')'.repeat(40),
      {},
    ],
    [
      'lists that double',
      Array.from(
        { length: 40 },
        (_, at) => `cel.bind(t${at}, ${at === 0 ? '[1, 2]' : `t${at - 1} + t${at - 1}`}, `,
      ).join('') +
        't39' +
        ')'.repeat(40),
      {},
    ],
    ['lists in lists', 'l.map(a, l.map(b, l.map(c, l.map(d, l.map(e, l)))))', { l }],
    ['joined text', '[t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t].join(t)', { t: 'x'.repeat(1_000_000) }],
    ['replaced text', 't.replace("x", t)', { t: 'x'.repeat(100_000) }],
    ['text in pieces', 't.split("")', { t: 'x'.repeat(3_000_000) }],
    ['looking for long text', 't.contains(u)', { t: 'a'.repeat(1_000_000), u: `b${'a'.repeat(50_000)}` }],
    ['long text, compared', nested(3, 't != u'), { l, t: 'a'.repeat(100_000), u: `${'a'.repeat(99_999)}b` }],
    ['a condition that hides it', `${nested(6, 'x0 >= 0')} || true`, { l }],
    ['a macro that hides it', `[1].exists(y, ${nested(6, 'x0 >= 0')})`, { l }],
  ])('end %s', (_, expression, scope) => {
    expect(codeOf(expression, scope)).toBe('expression/budget');
  });

  it('are the same at every evaluation, whatever was evaluated before', () => {
    const text = 'passed 12 of 12';
    const measure = (): ExpressionUse => {
      const used = use();
      createCelExpressions().evaluate('l.all(x, l.all(y, text.matches(p)))', { l, text, p: 'passed \\d+' }, used);
      return used;
    };
    const first = measure();
    for (let at = 0; at < 300; at++) evaluate(`"x".matches("a{${at + 1}}")`);
    expect(measure()).toEqual(first);
    expect(first.steps).toBeGreaterThan(0);
  });

  it('are shared by the expressions of a decision; a little is free for each', () => {
    const shared = use();
    const run = (expression: string): Json => expressions.evaluate(expression, { l }, shared);
    for (let at = 0; at < 10_000; at++) run('l[0] == 0 && l[1] == 1');
    expect(shared).toMatchObject({ steps: 0, size: 0 });
    const heavy = nested(3, 'x0 >= 0');
    let count = 0;
    expect(() => {
      for (; count < 100; count++) run(heavy);
    }).toThrow('more than the 1,000,000 steps');
    expect(count).toBeGreaterThan(5);
    expect(run('l[0] == 0')).toBe(true);
  });

  it.each([
    ['faults that are made good', 'm.exists(k, k.foo.bar > 1)'],
    ['faults beside an or', 'l.all(x, l.all(y, l.all(z, l.all(w, x.foo > 1 || true))))'],
    ['maps compared', 'l.all(x, l.all(y, m == n))'],
    ['maps that become JSON', 'l.map(x, m)'],
    ['keys', 'l.all(x, l.all(y, m.all(k, true)))'],
    ['maps that are made', 'l.map(x, l.map(y, l.map(z, {"a": x, "b": {"c": y}})))'],
  ])('take a decision no longer than others: %s', (_, expression) => {
    const m = Object.fromEntries(Array.from({ length: 100_000 }, (__, at) => [`key${at}`, at]));
    const scope = { l, m, n: { ...m } };
    const cpuMs = (): number => {
      const before = process.threadCpuUsage();
      codeOf(expression, scope);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1_000;
    };
    expect(Math.min(cpuMs(), cpuMs(), cpuMs())).toBeLessThan(200);
  });

  it('hold for the many expressions of one decision, also for reading them and for what is free', () => {
    const conditions = Array.from({ length: 5_000 }, (_, at) => `l[0] != ${at} ${'|| l[1] == 1 '.repeat(200)}`);
    const shared = use();
    const before = process.threadCpuUsage();
    const faults = conditions.filter((condition) => {
      try {
        return expressions.evaluate(condition, { l }, shared) !== true;
      } catch {
        return true;
      }
    });
    const { user, system } = process.threadCpuUsage(before);
    expect(faults.length).toBeGreaterThan(4_000);
    expect((user + system) / 1_000).toBeLessThan(500);
    const few = use();
    for (let at = 0; at < 100_000; at++) expect(expressions.evaluate(`l[0] != ${at + 1}`, { l }, few)).toBe(true);
    expect(few.work).toBeLessThan(1_000_000);
  });

  it('are for length, nesting and signs, too', () => {
    expect(expressions.check('1'.repeat(20_000))?.message).toContain('more than 16384');
    expect(expressions.check(`${'('.repeat(300)}1${')'.repeat(300)}`)?.message).toContain('maxDepth');
    expect(expressions.check(`${'! '.repeat(5_000)}true`)?.message).toContain('100 signs');
    expect(() => evaluate('"x".matches("(a{100}){100}")')).toThrow('repeat');
    expect(() => evaluate('"x".matches("(a{10}){100}")')).toThrow('too large');
    expect(
      expressions.check(
        `[${'x,'.repeat(900)}[${'x,'.repeat(900)}[${'x,'.repeat(900)}[${'x,'.repeat(900)}[${'x,'.repeat(900)}[${'x,'.repeat(900)}]]]]]]`,
      )?.message,
    ).toContain('maxAstNodes');
    expect(expressions.check(`1${'+1'.repeat(2_000)}`)?.message).toContain('nested deeper than 500');
    expect(evaluate(Array.from({ length: 400 }, (_, at) => `x == ${at}`).join(' || '), { x: 399 })).toBe(true);
  });

  it('hold for checks: patterns that grow when they are compiled are not compiled there', () => {
    const startedAt = process.threadCpuUsage();
    for (let at = 0; at < 2_000; at++) expressions.check(`x.matches("a{${at % 100}}b{${400 + (at % 90)}}${at}")`);
    const { user, system } = process.threadCpuUsage(startedAt);
    expect(user + system).toBeLessThan(700_000);
    expect(expressions.check('x.matches("(a{3}){4}(")')?.message).toContain('no regular expression');
  });

  it('hold for any expression made of what grows', () => {
    const grows = fc.letrec<{ readonly text: string; readonly list: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 8 },
        fc.constantFrom('"ab"', 't', '"(a+)+$"'),
        fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} + ${b})`),
        fc.tuple(tie('text'), tie('text'), tie('text')).map(([a, b, c]) => `${a}.replace(${b}, ${c})`),
        fc.tuple(tie('list'), tie('text')).map(([a, b]) => `${a}.map(x, "" + ${b}).join(${b})`),
        fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}.matches(${b}) ? ${a} : ${b})`),
      ),
      list: fc.oneof(
        { maxDepth: 8 },
        fc.constantFrom('l', '[1, 2]'),
        fc.tuple(tie('list'), tie('list')).map(([a, b]) => `(${a} + ${b})`),
        fc.tuple(tie('list'), tie('list')).map(([a, b]) => `${a}.map(y, ${b})`),
        fc.tuple(tie('list'), tie('list')).map(([a, b]) => `${a}.filter(z, ${b} == ${a})`),
        fc.tuple(tie('text'), tie('text')).map(([a, b]) => `${a}.split(${b})`),
      ),
    }));
    const t = 'a'.repeat(1_000);
    fc.assert(
      fc.property(fc.oneof(grows.text, grows.list), (expression) => {
        const used = use();
        const startedAt = process.threadCpuUsage();
        try {
          expressions.evaluate(expression, { t, l }, used);
        } catch {
          // A fault is as good as a value here.
        }
        const { user, system } = process.threadCpuUsage(startedAt);
        expect(user + system).toBeLessThan(2_000_000);
      }),
      { numRuns: 300 },
    );
  });
});

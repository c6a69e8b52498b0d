import type { Json } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { findAssociativityFault } from './associativity.ts';
import { declaredVariables, writtenVariables } from './declarations.ts';
import { BUILT_IN_MERGES, findBuiltIn, type BuiltInMergeName } from './merges.ts';
import { linesOf, validate } from '../validate/validation.fixture.ts';

describe('merges that come with Coppice', () => {
  it.each<readonly [BuiltInMergeName, Json, readonly Json[], Json]>([
    ['replace', 1, [2, null], null],
    ['sum', 1, [2, 3], 6],
    ['sum', null, [2, 3], 5],
    ['max', 4, [2, 3], 4],
    ['min', null, [2, 3], 2],
    ['append', ['a'], ['b', ['c', 'd'], { x: 1 }], ['a', 'b', 'c', 'd', { x: 1 }]],
    ['append', null, ['b'], ['b']],
    ['union', [1, 1], [2, [1, 3]], [1, 2, 3]],
    [
      'union',
      [],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [{ a: 1, b: 2 }],
    ],
    ['deepMerge', { a: { x: 1 }, b: 1 }, [{ a: { y: 2 } }, { b: { z: 3 } }], { a: { x: 1, y: 2 }, b: { z: 3 } }],
    ['deepMerge', null, [{ a: 1 }], { a: 1 }],
  ])('%s of %j and %j is %j', (...[name, former, written, value]) => {
    expect(BUILT_IN_MERGES[name].fold(former, written)).toEqual(value);
  });

  it('sets keys like __proto__ as what they are', () => {
    const merged = BUILT_IN_MERGES.deepMerge.fold({}, [JSON.parse('{"__proto__":{"x":1}}') as Json]);
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"x":1}}');
  });

  it.each(['toString', 'constructor', '__proto__'])('%s is none', (name) => {
    expect(findBuiltIn(name)).toBeUndefined();
  });
});

describe('a contributed merge', () => {
  it.each<readonly [string, (a: Json, b: Json) => Json]>([
    ['the last', (_a, b) => b],
    ['all items', (a, b) => [a, b].flat() as Json],
    ['greatest', (a, b) => Math.max(Number(a), Number(b))],
  ])('that is associative is taken: %s', (name, merge) => {
    expect(findAssociativityFault(name, merge)).toBeUndefined();
  });

  it('that is not is found, with the values', () => {
    expect(findAssociativityFault('mean', (a, b) => (Number(a) + Number(b)) / 2)).toMatch(
      /^it is not associative: of -?\d/,
    );
    let calls = 0;
    expect(findAssociativityFault('counts', () => ++calls)).toMatch(/for the same values/);
  });

  it('that refuses what does not fit is no worse for it', () => {
    const merge = (a: Json, b: Json): Json => {
      if (typeof a !== 'number' || typeof b !== 'number') throw new Error('numbers only');
      return a + b;
    };
    expect(findAssociativityFault('add', merge)).toBeUndefined();
  });
});

describe('declared variables', () => {
  const written = {
    total: { value: 0, merge: 'sum' },
    stage: 'new',
    map: { value: 1, other: 2 },
    plain: { value: { value: 1 } },
  };

  it('have an initial value, alone or with a merge', () => {
    expect(declaredVariables(written)).toEqual({
      variables: { total: 0, stage: 'new', map: { value: 1, other: 2 }, plain: { value: 1 } },
      merges: { total: 'sum' },
    });
    expect(writtenVariables(declaredVariables(written))).toEqual(written);
  });

  const task = { id: 'root', executor: 'work' };

  it('are refused for merges that there are not, and for values that these can not go on with', () => {
    const variables = {
      a: { value: 0, merge: 'summ' },
      b: { value: 'x', merge: 'sum' },
      c: { value: {}, merge: 'append' },
      d: { value: null, merge: 'deepMerge' },
      e: { value: 1, merge: 7 },
      f: { value: 1, merge: 'mine' },
    };
    expect(linesOf([task], { variables, merges: new Set(['mine']) })).toEqual([
      "tree/invalid variables.a.merge: The tree merges the variable 'a' by \"summ\", which there is not; did you mean 'sum'?",
      "tree/invalid variables.b.value: The tree begins the variable 'b' with a value that sum can not go on with",
      "tree/invalid variables.c.value: The tree begins the variable 'c' with a value that append can not go on with",
      "tree/invalid variables.e.merge: The tree merges the variable 'e' by 7, which there is not",
    ]);
  });

  it('are limited in number', () => {
    const variables = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`v${at}`, 0]));
    expect(linesOf([task], { variables }).join()).toContain('declares 1001 variables, more than 1000');
  });

  it('are what set may name, with values that fit, and expressions over what the task has', () => {
    const variables = { total: { value: 0, merge: 'sum' } };
    const set = (values: Record<string, Json>) => linesOf([{ ...task, set: values }], { variables });
    expect([
      set({ totl: 1 }),
      set({ total: 'x' }),
      set({ total: '${{ secrets.x }}' }),
      set({ total: '${{ outputs.n }}' }),
    ]).toEqual([
      [
        "tree/invalid tasks.0.set.totl: Task 'root' sets 'totl', but the tree declares no variable 'totl'; did you mean 'total'?",
      ],
      [
        "tree/invalid tasks.0.set.total: Task 'root' sets 'total', but the variable 'total' is merged by sum, which takes a number",
      ],
      [
        "tree/invalid tasks.0.set.total: Task 'root' reads 'secrets' at offset 0, which there is not here; what the task itself returned is output, and secrets are for inputs only",
      ],
      [
        "tree/invalid tasks.0.set.total: Task 'root' reads 'outputs' at offset 0, which there is not here; did you mean 'output'?",
      ],
    ]);
    expect(validate([{ ...task, set: { total: '${{ output.n }}' } }], { variables }).ok).toBe(true);
  });
});

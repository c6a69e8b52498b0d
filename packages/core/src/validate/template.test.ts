import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listDependencyReads, listTemplates, parseTemplate } from './template.ts';

const namesOf = (expression: string) =>
  listDependencyReads(expression).map(({ names }) => names.map(({ name }) => name).join('.'));

describe('parseTemplate', () => {
  it('splits text and expressions', () => {
    expect(parseTemplate('a ${{ b }} c ${{d}}')).toEqual({
      parts: ['a ', { expression: 'b' }, ' c ', { expression: 'd' }],
    });
    expect(parseTemplate('${{ a }}')).toEqual({ parts: [{ expression: 'a' }] });
    expect(parseTemplate('$ { {{ }} ${ x }')).toEqual({ parts: ['$ { {{ }} ${ x }'] });
    expect(parseTemplate('')).toEqual({ parts: [] });
  });

  it('lets an expression hold braces, and strings with braces', () => {
    for (const expression of ['{"a": {"b": 1}}', '"}}"', '\'}}\' + "\\"}}"', '{}.size()']) {
      expect(parseTemplate(`x \${{ ${expression} }} y`)).toEqual({ parts: ['x ', { expression }, ' y'] });
    }
  });

  it('says where an expression never ends', () => {
    expect(parseTemplate('ab ${{ c')).toEqual({ parts: ['ab ', '${{ c'], unclosedAt: 3 });
    expect(parseTemplate('${{ "}} ')).toMatchObject({ unclosedAt: 0 });
  });

  it('loses nothing of a text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('${{', '}}', '{', '}', '"', "'", '\\', 'x', ' ')), (pieces) => {
        const text = pieces.join('');
        const back = parseTemplate(text)
          .parts.map((part) => (typeof part === 'string' ? part : `\${{${part.expression}}}`))
          .join('');
        expect(back.replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});

describe('listTemplates', () => {
  it('finds texts with expressions in order, with their paths', () => {
    expect(listTemplates({ a: ['x', '${{ 1 }}', { b: '${{ 2 }}' }], c: null, d: '${{ 3 }}' })).toEqual([
      { path: ['a', 1], text: '${{ 1 }}' },
      { path: ['a', 2, 'b'], text: '${{ 2 }}' },
      { path: ['d'], text: '${{ 3 }}' },
    ]);
    expect(listTemplates('${{ 1 }}')).toEqual([{ path: [], text: '${{ 1 }}' }]);
  });
});

describe('listDependencyReads', () => {
  it('reads names in both notations, outside string literals', () => {
    expect(namesOf('deps.a.b + deps["c-d"][0].e + deps[ \'f\' ]')).toEqual(['a.b', 'c-d', 'f']);
    expect(namesOf('"deps.a" + vars.deps.b + mydeps.c + depsx.d + deps')).toEqual([]);
  });
});

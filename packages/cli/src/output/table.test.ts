import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { pad, tableLines } from './table.ts';
import type { Column } from './table.ts';
import { widthOf } from './text-width.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'COUNT', value: ({ count }) => String(count), align: 'right' },
];

function plain(rows: readonly Row[], width?: number): readonly string[] {
  return tableLines(rows, columns, { width }).map(stripVTControlCharacters);
}

describe('tableLines', () => {
  it('aligns its columns and cuts only the one that may shrink', () => {
    const rows = [
      { id: 'a-long-identifier', name: 'short', count: 7 },
      { id: 'b', name: 'a name that is far too long 任务', count: 12_345 },
    ];
    expect(plain(rows)).toEqual([
      'ID                 NAME                              COUNT',
      'a-long-identifier  short                                 7',
      'b                  a name that is far too long 任务  12345',
    ]);
    expect(plain(rows, 40)).toEqual([
      'ID                 NAME            COUNT',
      'a-long-identifier  short               7',
      'b                  a name that i…  12345',
    ]);
  });

  it('fits the terminal whenever ids and numbers alone do', () => {
    const row = fc.record({
      id: fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
      // The two measures differ for a few rare scripts, and so do terminals.
      name: fc.string({ unit: 'grapheme' }).filter((text) => widthOf(text) === stringWidth(text)),
      count: fc.nat(999),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 30, max: 100 }), (rows, width) => {
        for (const line of plain(
          rows.map((given) => ({ ...given, name: given.name.replaceAll(/\p{C}/gu, '') })),
          width,
        )) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });
});

describe('pad', () => {
  it('fills and cuts to exactly the width', () => {
    expect([pad('ab', 4), pad('ab', 4, 'right'), pad('abcdef', 4)]).toEqual(['ab  ', '  ab', 'abc…']);
  });
});

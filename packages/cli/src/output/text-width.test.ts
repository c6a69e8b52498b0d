import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cutTo, widthOf } from './text-width.ts';

/** Letters of several widths, colours, and the symbols of the command's own output. */
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'Z',
      ' ',
      'ä',
      'é',
      '任',
      '한',
      'ア',
      '✓',
      '·',
      '━',
      '😀',
      '👨‍👩‍👧',
      '🇩🇪',
      '\u001B[1m',
      '\u001B[39m',
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

describe('widthOf', () => {
  it('agrees with the table of Unicode', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(widthOf(given)).toBe(stringWidth(given));
      }),
    );
  });
});

describe('cutTo', () => {
  it('leaves alone what fits', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(cutTo(given, stringWidth(given))).toBe(given);
      }),
    );
  });

  it('never exceeds the width, and keeps the beginning', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (given, columns) => {
        const cut = cutTo(given, columns);
        expect(stringWidth(cut)).toBeLessThanOrEqual(columns);
        expect(stripVTControlCharacters(given)).toContain(stripVTControlCharacters(cut).replace(/…$/, ''));
      }),
    );
  });

  it('ends a colour that it cuts', () => {
    expect(cutTo('\u001B[1mabcdef\u001B[22m', 4)).toBe('\u001B[1mabc…\u001B[0m');
  });
});

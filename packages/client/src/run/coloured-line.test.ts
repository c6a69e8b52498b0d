import { expect, it } from 'vitest';
import { colouredLine } from './coloured-line.ts';

const ESC = '\u001B';

it.each([
  ['plain', 'plain'],
  [`${ESC}[31mred${ESC}[0m`, `${ESC}[31mred${ESC}[0m${ESC}[0m`],
  [`${ESC}[38;2;1;2;3mx`, `${ESC}[38;2;1;2;3mx${ESC}[0m`],
  ['10 %\r20 %\rdone\r', 'done'],
  ['a\tb', 'a    b'],
  [`${ESC}[2J${ESC}[H${ESC}[?25l${ESC}[10;20Hgone`, 'gone'],
  [`${ESC}]0;title\u0007x${ESC}]8;;http://evil${ESC}\\link${ESC}]8;;${ESC}\\`, 'xlink'],
  [`${ESC}]52;c;${ESC}[31mx\u0007`, `]52;c;${ESC}[31mx${ESC}[0m`],
  [`${ESC}P1;2|DCS${ESC}\\x${ESC}_APC\u009Cy${ESC}cz`, 'xyz'],
  ['\u009B31mx\u009D0;t\u0007y\u0090q\u009Cz', 'xyz'],
  [`a\u202Eb\u2066c\u0000d\u0007e\u0008f${ESC}`, 'abcdef'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('keeps colours and nothing else that a terminal obeys: %j (R-OB-08)', (line, shown) => {
  expect(colouredLine(line)).toBe(shown);
});

it('takes of a sequence without an end its beginning only, in one look at each character', () => {
  expect(colouredLine(`${ESC}]`.repeat(100_000)).length).toBe(100_000);
});

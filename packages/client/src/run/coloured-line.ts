/** What programs print, made harmless: colours stay, and nothing else that a terminal obeys. */

const ESCAPE = '\u001B';
const COLOUR = new RegExp(`^${ESCAPE}\\[[\\d;]*m$`);
const RESET = `${ESCAPE}[0m`;
/**
 * Sequences as ECMA-48 has them (control sequences, strings with their ends, short ones), all other controls but tab, and what turns
 * the direction of text round: a line could show another than it is. Of a sequence without an end only the beginning goes.
 */
const OBEYED = new RegExp(
  [
    `(?:${ESCAPE}\\[|\\u009B)[0-?]*[ -/]*[@-~]`,
    `(?:${ESCAPE}\\]|\\u009D)[^\\u0007\\u001B\\u009C]*(?:\\u0007|${ESCAPE}\\\\|\\u009C)`,
    `(?:${ESCAPE}[PX^_]|[\\u0090\\u0098\\u009E\\u009F])[^\\u001B\\u009C]*(?:${ESCAPE}\\\\|\\u009C)`,
    `${ESCAPE}[ -/]*[0-Z\\\\^-~]`,
    '[\\u0000-\\u0008\\u000A-\\u001F\\u007F-\\u009F\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069]',
  ].join('|'),
  'g',
);

/** One line of a program's output as a terminal would show it in the end: what was overwritten is gone, tabs are spaces. Colours end with it. */
export function colouredLine(line: string): string {
  const shown = line.replace(/\r+$/, '');
  let hasColour = false;
  const text = shown.slice(shown.lastIndexOf('\r') + 1).replaceAll(OBEYED, (sequence) => {
    if (!COLOUR.test(sequence)) return '';
    hasColour = true;
    return sequence;
  });
  const spaced = text.replaceAll('\t', '    ');
  return hasColour ? `${spaced}${RESET}` : spaced;
}

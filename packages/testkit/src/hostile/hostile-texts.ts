/** Texts that have broken programs: each may stand wherever a caller may write a text. */
import * as fc from 'fast-check';

/** The texts by what they are. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  blank: ' \t ',
  'lone high surrogate': 'x\ud800',
  'lone low surrogate': '\udc00x',
  nul: 'a\u0000b',
  'control characters': '\u0001\u0007\u0008\u001b\u007f\u0085',
  'line breaks': 'a\r\nb\u2028c\u2029d',
  'right to left': '\u202etxt.exe',
  'zero width': 'a\u200b\ufeffb',
  'combining marks': `e${'\u0301'.repeat(500)}`,
  'prototype key': '__proto__',
  'constructor key': 'constructor',
  'inherited key': 'hasOwnProperty',
  then: 'then',
  template: '${{ inputs.x }}',
  'open template': '${{ ',
  'template of a template': '${{ "${{ 1 }}" }}',
  'deep template': `\${{ ${'('.repeat(500)}1${')'.repeat(500)} }}`,
  'secret template': '${{ secrets.apiKey }}',
  'secret placeholder': '«secret:apiKey»',
  'redaction mark': '«redacted»',
  'terminal title': '\u001b]0;owned\u0007',
  'terminal clear': '\u001b[2J\u001b[H',
  'terminal link': '\u001b]8;;http://127.0.0.1\u0007x\u001b]8;;\u0007',
  html: '<img src=x onerror="document.title=1"><script>document.title=1</script>',
  markdown: '[x](command:workbench.action.quit) ![y](http://127.0.0.1/z)',
  path: '../../../../etc/passwd',
  'absolute path': '/etc/passwd',
  'windows path': 'C:\\temp\\new\\x',
  sql: "x'; DROP TABLE task; --",
  'like pattern': '%_%',
  glob: '***',
  format: '%s%n%d{0}',
  shell: '$(touch owned); `touch owned`; | cat',
  'regular expression': '(a+)+$',
  date: '+275760-09-13T00:00:00.001Z',
  long: 'l'.repeat(100_000),
};

/** One of the hostile texts, alone, beside others, or inside other text. */
export function hostileTexts(): fc.Arbitrary<string> {
  const one = fc.constantFrom(...Object.values(HOSTILE_TEXTS));
  return fc.oneof(
    one,
    fc.tuple(one, one).map(([first, second]) => first + second),
    fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), one).map(([before, text]) => before + text),
  );
}

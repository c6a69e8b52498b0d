/** The forms of a secret in the output of programs: the value itself, its lines, and the value in JSON, URLs, base64 and hexadecimal. */

/** Texts shorter than this are too common to be searched for. */
const LENGTH_MIN = 4;
/** Widths at which tools break base64 into lines. */
const BASE64_WIDTHS: readonly number[] = [64, 76];

export interface SecretForm {
  /** Undefined: the value itself. */
  readonly form: string | undefined;
  readonly text: string;
  /** True: programs may print a part of it. */
  readonly isCut: boolean;
}

/** All forms of a value, the value itself first. Throws a RangeError for a value that is too short to be hidden. */
export function listForms(name: string, value: string): readonly SecretForm[] {
  if (value.trim().length < LENGTH_MIN) {
    throw new RangeError(
      `The secret "${name}" has ${value.trim().length} characters; with less than ${LENGTH_MIN} it can not be told from ordinary text and hidden. Use a longer value, or take it out of "secrets"`,
    );
  }
  const forms: SecretForm[] = [{ form: undefined, text: value, isCut: true }];
  const add = (form: string, text: string): void => {
    if (text.length >= LENGTH_MIN) forms.push({ form, text, isCut: /^(?:line\d+)?\.?(?:json)?$/.test(form) });
  };
  encoded(value, '', add);
  // A program may drop the end of a line, or print one line of many.
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  lines.forEach((line, at) => {
    if (line === value || line.length < LENGTH_MIN) return;
    add(`line${at}`, line);
    encoded(line, `line${at}.`, add);
  });
  return forms;
}

function encoded(value: string, prefix: string, add: (form: string, text: string) => void): void {
  const bytes = Buffer.from(value);
  add(`${prefix}json`, JSON.stringify(value).slice(1, -1));
  // The value is converted through bytes, because it need not be well-formed text.
  add(`${prefix}url`, encodeURIComponent(bytes.toString()));
  add(`${prefix}form`, new URLSearchParams({ '': value }).toString().slice(1));
  add(`${prefix}hex`, bytes.toString('hex'));
  for (const alphabet of ['base64', 'base64url'] as const) {
    const whole = bytes.toString(alphabet);
    add(`${prefix}${alphabet}`, whole);
    for (const before of [0, 1, 2]) add(`${prefix}${alphabet}.${before}`, insideBase64(bytes, before, alphabet));
    for (const width of BASE64_WIDTHS) {
      for (let from = 0; whole.length > width && from < whole.length; from += width) {
        add(`${prefix}${alphabet}.${width}.${from}`, whole.slice(from, from + width));
      }
    }
  }
}

/** The characters of base64 that these bytes alone decide, when `before` more bytes (of three) stand in front of them: as in `user:password`. */
function insideBase64(bytes: Buffer, before: number, alphabet: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(alphabet);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(from, to);
}

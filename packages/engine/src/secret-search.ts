/**
 * Finds secrets in text, in all forms at once. Also finds a part of a secret where the output was cut: the end of a secret at the beginning
 * of a text, and its beginning at the end of a text or before an ellipsis.
 */
import { secretPlaceholder, type SecretReference } from '@coppice/core';
import { listForms } from './secret-forms.ts';

/** Least length of a part of a secret that is hidden. A shorter part tells little. */
const PART_MIN = 8;
const ELLIPSIS = '…';

type Secret = Pick<SecretReference, 'name' | 'form'>;
type Match = Pick<SecretReference, 'name' | 'form' | 'at'>;

/** Place of a secret in a text. */
interface Range extends Secret {
  readonly from: number;
  readonly to: number;
}

/** A secret of which a part may be found. */
interface WholeSecret extends Secret {
  readonly text: string;
}

export class SecretSearch {
  /** Secrets and forms by their text. */
  readonly #byText = new Map<string, Secret>();
  /** Texts by secret and form. */
  readonly #texts = new Map<string, string>();
  readonly #wholes: WholeSecret[] = [];
  readonly #byBeginning: ReadonlyMap<string, readonly WholeSecret[]>;
  readonly #pattern: RegExp;
  readonly #beginnings: RegExp;

  /** Throws a RangeError for a value that is too short to be hidden. */
  constructor(values: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(values)) {
      for (const { form, text, isCut } of listForms(name, value)) {
        const secret = form === undefined ? { name } : { name, form };
        this.#texts.set(keyOf(secret), text);
        if (!this.#byText.has(text)) this.#byText.set(text, secret);
        if (isCut && text.length > PART_MIN) this.#wholes.push({ ...secret, text });
      }
    }
    this.#byBeginning = Map.groupBy(this.#wholes, ({ text }) => text.slice(0, PART_MIN));
    // The longest text comes first, so that a whole value is found before its first line.
    this.#pattern = anyOf([...this.#byText.keys()].sort((a, b) => b.length - a.length));
    this.#beginnings = anyOf([...this.#byBeginning.keys()]);
  }

  /** Returns the text with placeholders. `found` is called with each secret. */
  hide(text: string, found?: (secret: Match) => void): string {
    let result = '';
    let from = 0;
    for (const range of this.#ranges(text)) {
      if (range.from < from) continue;
      result += text.slice(from, range.from);
      const { name, form } = range;
      found?.(form === undefined ? { name, at: result.length } : { name, form, at: result.length });
      result += secretPlaceholder(name);
      from = range.to;
    }
    return from === 0 ? text : result + text.slice(from);
  }

  /** Finds the secret whose text this is. */
  find(text: string): Secret | undefined {
    return this.#byText.get(text);
  }

  /** The text of a secret in a form; undefined: the secret is not configured, or has no such form. */
  textOf(secret: Secret): string | undefined {
    const [whole = '', part] = (secret.form ?? '').split('/');
    const text = this.#texts.get(keyOf({ name: secret.name, form: whole }));
    if (part === undefined) return text;
    const [side, length] = part.split('.');
    return side === 'first' ? text?.slice(0, Number(length)) : text?.slice(-Number(length));
  }

  /** All places of secrets, in order. They may overlap. */
  #ranges(text: string): readonly Range[] {
    const ranges: Range[] = [];
    for (const { 0: match, index } of matches(this.#pattern, text)) {
      ranges.push({ from: index, to: index + match.length, ...(this.#byText.get(match) as Secret) });
    }
    if (text.length < PART_MIN || this.#wholes.length === 0) return ranges;
    const room = ranges[0]?.from ?? text.length;
    const parts = [...this.#endAtBeginning(text)].filter(({ to }) => to <= room);
    for (const part of this.#beginningsAtEnd(text)) parts.push(part);
    return parts.length === 0 ? ranges : [...ranges, ...parts].sort((a, b) => a.from - b.from || b.to - a.to);
  }

  *#endAtBeginning(text: string): Generator<Range> {
    const first = text.slice(0, PART_MIN);
    for (const whole of this.#wholes) {
      for (let at = whole.text.indexOf(first, 1); at >= 0; at = whole.text.indexOf(first, at + 1)) {
        const length = whole.text.length - at;
        if (text.startsWith(whole.text.slice(at))) yield { from: 0, to: length, ...partOf(whole, 'last', length) };
      }
    }
  }

  *#beginningsAtEnd(text: string): Generator<Range> {
    for (const { 0: match, index } of matches(this.#beginnings, text)) {
      for (const whole of this.#byBeginning.get(match) ?? []) {
        let length = PART_MIN;
        while (length < whole.text.length && text[index + length] === whole.text[length]) length++;
        const next = text[index + length];
        if (length < whole.text.length && (next === undefined || next === ELLIPSIS)) {
          yield { from: index, to: index + length, ...partOf(whole, 'first', length) };
        }
      }
    }
  }
}

function partOf({ name, form = '' }: WholeSecret, side: 'first' | 'last', length: number): Secret {
  return { name, form: `${form}/${side}.${length}` };
}

function anyOf(texts: readonly string[]): RegExp {
  const escaped = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  // Without texts the pattern must match nothing.
  return new RegExp(texts.length === 0 ? '(?!)' : escaped.join('|'), 'g');
}

/** Finds all matches. `matchAll` would compile a large pattern anew for each text. */
function* matches(pattern: RegExp, text: string): Generator<RegExpExecArray> {
  let from = 0;
  for (;;) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match === null) return;
    from = pattern.lastIndex;
    yield match;
  }
}

function keyOf({ name, form = '' }: Secret): string {
  return `${form}:${name}`;
}

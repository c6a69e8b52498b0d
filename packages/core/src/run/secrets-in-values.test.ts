/** Secrets in resolved inputs: only what an expression put there is one, whatever texts come from outside. */
import type { Json, JsonObject } from '@coppice/extension';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateOf } from '../task/input-template.ts';
import { parseTemplate } from '../validate/template.ts';
import { SecretMarks, type SecretScope } from './secret-marks.ts';
import { replaceSecrets, secretPlaceholder } from './secret-reference.ts';

const names = ['apiKey', 'a', '«', '${{', '__proto__'];
let count = 0;
const scope: SecretScope = { names, unguessable: () => `unguessable${count++}` };
const valueOf = (name: string): string => `<value of ${name}>`;

/** Pieces of what somebody would write who wants to be taken for a secret. */
const piece = fc.oneof(
  fc.constantFrom(...names.map(secretPlaceholder), ...names.map((name) => `\${{ secrets["${name}"] }}`)),
  fc.constantFrom('«', '»', '«secret:', '«f00d0f00dx0»', 'x0»', '${{', '}}', 'secret', 'secret-0;', '', ' '),
  fc.string({ unit: 'binary' }),
);
const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
const hostile = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom(null, true, 0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor')), tie('value'), { maxKeys: 4 }),
  ),
})).value;
/** A text of the definition: what is outside of it, and which secrets an expression puts in. */
const mixed = fc.array(
  fc.oneof(
    text,
    fc.constantFrom(...names).map((name) => ({ name })),
  ),
  { maxLength: 6 },
);

describe('secrets in a resolved input', () => {
  it('are what an expression put there, and nothing that only looks like it', () => {
    fc.assert(
      fc.property(hostile, mixed, (outside, parts) => {
        const marks = new SecretMarks(scope);
        const secrets = marks.all();
        const joined = parts.map((part) => (typeof part === 'string' ? part : (secrets[part.name] as string))).join('');
        const meant = parts.map((part) => (typeof part === 'string' ? part : valueOf(part.name))).join('');
        const { value, references } = marks.settle({ outside, own: [joined] });
        const revealed = replaceSecrets(value, references, ({ name }) => valueOf(name));
        expect(revealed).toEqual({ outside, own: [meant] });
        expect(references.every(({ path }) => path[0] === 'own')).toBe(true);
        expect(JSON.stringify(value)).not.toContain(secrets['apiKey']);
      }),
    );
  });

  it('stay what they are when a stored value is read into another input', () => {
    fc.assert(
      fc.property(hostile, mixed, (outside, parts) => {
        const marks = new SecretMarks(scope);
        const secrets = marks.all();
        const joined = parts.map((part) => (typeof part === 'string' ? part : (secrets[part.name] as string))).join('');
        const stored = marks.settle({ outside, own: joined });
        const next = new SecretMarks(scope);
        const delivered = next.settle({ deps: next.markIn(stored.value, stored.references) });
        expect(delivered).toEqual({
          value: { deps: stored.value },
          references: stored.references.map((reference) => ({ ...reference, path: ['deps', ...reference.path] })),
        });
      }),
    );
  });

  it('are named by expressions, and nothing else becomes one, when an input is made a definition again', () => {
    fc.assert(
      fc.property(hostile, mixed, (outside, parts) => {
        const marks = new SecretMarks(scope);
        const secrets = marks.all();
        const joined = parts.map((part) => (typeof part === 'string' ? part : (secrets[part.name] as string))).join('');
        const { value, references } = marks.settle({ outside, own: joined });
        const template = templateOf(value as JsonObject, references);
        const meant = replaceSecrets(value, references, ({ name }) => valueOf(name));
        expect(resolved(template)).toEqual(meant);
      }),
    );
  });

  it('that an expression took to pieces are texts', () => {
    const marks = new SecretMarks(scope);
    const mark = marks.all()['apiKey'] as string;
    const { value, references } = marks.settle([mark.slice(0, -1), mark.slice(1), mark.toUpperCase()]);
    expect(references).toEqual([]);
    expect(replaceSecrets(value, references, () => 'revealed')).toEqual(value);
  });

  it('are only hidden in keys: what reads a key does not know that it is secret', () => {
    const marks = new SecretMarks(scope);
    const { value, references } = marks.settle({ [marks.all()['apiKey'] as string]: 1 });
    expect([value, references]).toEqual([{ '«secret:apiKey»': 1 }, []]);
  });
});

/** What the inputs resolve to, by an evaluator that knows texts, `secrets["name"]` and `+`. */
function resolved(value: Json): Json {
  if (typeof value === 'string') {
    const { parts } = parseTemplate(value);
    const [only] = parts;
    if (parts.length !== 1 || typeof only !== 'object') return value;
    const terms = only.expression.matchAll(/secrets\[("(?:[^"\\]|\\.)*")\]|("(?:[^"\\]|\\.)*")/g);
    return [...terms]
      .map(([, name, literal]) => (name === undefined ? parsed(literal) : valueOf(parsed(name))))
      .join('');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(resolved);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
}

function parsed(literal: string | undefined): string {
  return JSON.parse(literal ?? '""') as string;
}

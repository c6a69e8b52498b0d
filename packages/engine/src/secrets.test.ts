/** Secrets are hidden in whatever form programs write them, nothing is lost by it, and only a reference brings one back. */
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '@coppice/core';
import { createSecrets } from './secrets.ts';

const TOKEN = 'tr0ub4dor&3 "quoted" \\ päss/word+=';
const { privateKey: PEM } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const secrets = createSecrets({
  token: TOKEN,
  key: PEM,
  windows: 'first line\r\n  second line  \r\n',
  pin: '48151623',
});

/** True when the text, as it would be stored, shows the secret. */
function shows(value: unknown, secret: string): boolean {
  return JSON.stringify(secrets.conceal(value)).includes(JSON.stringify(secret).slice(1, -1));
}

describe('a secret is found', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const folded = base64(PEM).replaceAll(/.{76}/g, '$&\n');
  it.each<[string, string, string]>([
    ['as it is', `token=${TOKEN}.`, TOKEN],
    ['in JSON', JSON.stringify({ token: TOKEN }), JSON.stringify(TOKEN).slice(1, -1)],
    ['in a URL', `?t=${encodeURIComponent(TOKEN)}`, encodeURIComponent(TOKEN)],
    ['in a form', new URLSearchParams({ t: TOKEN }).toString(), new URLSearchParams({ t: TOKEN }).toString().slice(2)],
    ['in base64', base64(TOKEN), base64(TOKEN)],
    ['in base64 for URLs', Buffer.from(TOKEN).toString('base64url'), Buffer.from(TOKEN).toString('base64url')],
    ['in base64 with something before it', base64(`u:${TOKEN}`), base64(`u:${TOKEN}`).slice(4, 40)],
    ['in base64 with more before it', base64(`us:${TOKEN}`), base64(`us:${TOKEN}`).slice(4, 40)],
    ['in hexadecimal', Buffer.from(TOKEN).toString('hex'), Buffer.from(TOKEN).toString('hex')],
    ['by its second line', `cut: ${PEM.split('\n')[1]}`, PEM.split('\n')[1] ?? ''],
    ['by its last line', 'second line', 'second line'],
    ['without the end of its last line', PEM.trim(), PEM.split('\n')[3] ?? ''],
    ['in lines of base64', folded, folded.split('\n')[2] ?? ''],
  ])('%s', (_, text, secret) => {
    expect(text).toContain(secret);
    expect(shows({ [text]: [text] }, secret)).toBe(false);
    expect(secrets.redact?.(text)).not.toContain(secret);
  });

  it('as a number, in what was JSON', () => {
    const { value, secrets: references } = secrets.conceal({ pin: 48_151_623, other: 48 });
    expect(value).toEqual({ pin: '«secret:pin»', other: 48 });
    expect(secrets.reveal(value, references)).toEqual({ pin: 48_151_623, other: 48 });
  });
});

it('a message that quotes a piece of what was no JSON does not show a piece of a secret', () => {
  for (const text of [
    `[${'1,'.repeat(30)}@${TOKEN}${',1'.repeat(30)}]`,
    `@${TOKEN} and more than a message shows of it`,
  ]) {
    let message = '';
    try {
      JSON.parse(text);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toContain('is not valid JSON');
    const shown = secrets.redact?.(message) ?? '';
    for (let at = 0; at + 4 <= TOKEN.length; at++) expect(shown).not.toContain(TOKEN.slice(at, at + 4));
  }
});

describe('hiding', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      TOKEN,
      TOKEN.slice(0, 12),
      TOKEN.slice(12),
      `${TOKEN.slice(0, 9)}…`,
      PEM,
      PEM.slice(0, 70),
      Buffer.from(`x${TOKEN}`).toString('base64'),
      encodeURIComponent(TOKEN),
    ),
    fc.constantFrom(
      '«secret:token»',
      '«secret:pin»',
      '«secret:',
      '»',
      '${{ secrets.token }}',
      'second line',
      '48151623',
    ),
    fc.string(),
  );
  const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom<Json>(null, true, 0, 48_151_623),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  it('loses nothing: whoever gets the value gets it whole', () => {
    fc.assert(
      fc.property(value, (given) => {
        const { value: stored, secrets: references } = secrets.conceal(given);
        expect(secrets.reveal(stored, references)).toEqual(given);
        for (const secret of [TOKEN, PEM, '48151623']) {
          expect(JSON.stringify(stored)).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
      }),
    );
  });

  it('makes no secret of a text that looks like one', () => {
    fc.assert(
      fc.property(value, (given) => {
        const { value: stored } = secrets.conceal(given);
        expect(secrets.reveal(stored, undefined)).toEqual(stored);
        expect(secrets.reveal(stored, [{ path: ['nowhere'], at: 3, name: 'token' }])).toEqual(stored);
      }),
    );
  });

  it('shows the placeholder of a secret that is gone from the configuration', () => {
    const { value: stored, secrets: references } = secrets.conceal([TOKEN, 48_151_623]);
    expect(createSecrets({ other: 'something else' }).reveal(stored, references)).toEqual(stored);
  });

  it('is refused for a value that can not be told from ordinary text', () => {
    expect(() => createSecrets({ PIN: 'an ' })).toThrow('The secret "PIN" has 2 characters');
  });
});

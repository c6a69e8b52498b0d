import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

describe('the text of a file', () => {
  const text = 'version: 1\nname: Grüße 🌳\n';
  const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, as Windows writes it', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, the other way round', swapped(Buffer.from(`\ufeff${text}`, 'utf16le'))],
  ])('is read from %s', (_, bytes) => {
    expect(decodeText(bytes, 'f.yaml')).toBe(text);
  });

  it('is refused when it is none, with what to do', () => {
    expect(() => decodeText(Buffer.from('Grüße', 'latin1'), 'f.yaml')).toThrow(
      'f.yaml is no text in UTF-8. Save it as UTF-8.',
    );
    expect(() => decodeText(Buffer.from([0xff, 0xfe, 0x00]), 'f.yaml')).toThrow('f.yaml is no text in UTF-16LE.');
  });
});

import { describe, expect, it } from 'vitest';
import { bytesText, cutText } from './cut-text.ts';

describe('bytesText', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1 KiB'],
    [1_048_576, '1 MiB'],
    [9_000_012, '8.6 MiB'],
    [123_456_789_012, '115 GiB'],
  ])('%i is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe('cutText', () => {
  it('names each text that is not whole, and nothing else', () => {
    expect(cutText(undefined)).toBe('');
    expect(cutText([])).toBe('');
    expect(
      cutText([
        { path: ['stdout'], kept: 'tail', keptBytes: 1024, totalBytes: 4096 },
        { path: [], kept: 'head', keptBytes: 1, totalBytes: 2 },
      ]),
    ).toBe('cut: last 1 KiB of 4 KiB of stdout, first 1 bytes of 2 bytes of the output');
  });
});

/** The text of a file that a person wrote: UTF-8, or UTF-16 that says so by its first bytes, as some editors on Windows write it. */
import { UsageError } from '../output/report-error.ts';

/** Decodes a text without its byte order mark. Throws a UsageError for bytes that are no text; `what` names the file. */
export function decodeText(bytes: Uint8Array, what: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${what} is no text in ${encoding.toUpperCase()}. Save it as UTF-8.`);
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

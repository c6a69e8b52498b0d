/**
 * What guards the text of a segment: its length, then the CRC-32 of each line, as `length,crc,crc,…`. So a text that was changed is told
 * from one that was cut off, and each event has a checksum of its own. The checksum of a creation goes on over the texts beside it.
 * Segments that older versions wrote have none.
 */
import { crc32 } from 'node:zlib';

export interface Checks {
  /** Length of the whole text. */
  readonly length: number;
  /** Of each line. */
  readonly sums: readonly number[];
}

export function checksText(lines: readonly string[], parts: readonly string[]): string {
  let length = lines.length - 1;
  let text = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    length += line.length;
    text += `,${at === 0 && parts.length > 1 ? sumOf(line, parts) : crc32(line)}`;
  }
  return `${length}${text}`;
}

/** The checksum of a line; `parts`: texts that belong to it and are written beside it. */
export function sumOf(line: string, parts: readonly string[]): number {
  let sum = crc32(line);
  for (const part of parts) sum = crc32(part, sum);
  return sum;
}

/** Undefined: the segment has no checksums. */
export function parseChecks(text: string | null): Checks | undefined {
  if (text === null) return undefined;
  const [length = 0, ...sums] = text.split(',').map(Number);
  return { length, sums };
}

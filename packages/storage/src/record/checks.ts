/**
 * Checksums of a segment: the length of its text, then the CRC-32 of each line, as `length,crc,crc,…`. So a changed text differs from a
 * text that was cut off, and each event has a checksum. The checksum of a TreeCreated event includes the texts beside it.
 * Segments of older versions have no checksums.
 */
import { crc32 } from 'node:zlib';

export interface Checks {
  /** Length of the whole text. */
  readonly length: number;
  /** Checksum of each line. */
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

/** The checksum of a line. `parts`: texts of the same event that are written beside the line. */
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

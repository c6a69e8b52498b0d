/** What of an output is missing, in words. */
import type { CutPart } from '@coppice/protocol';

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `3 bytes`, `1.5 KiB`, `1 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  const text = value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}

/** `cut: last 1 MiB of 8.6 MiB of stdout`; empty when all of the output is there. */
export function cutText(cut: readonly CutPart[] | undefined): string {
  if (cut === undefined || cut.length === 0) return '';
  const parts = cut.map(({ path, kept, keptBytes, totalBytes }) => {
    const what = path.length === 0 ? 'the output' : path.join('.');
    return `${kept === 'tail' ? 'last' : 'first'} ${bytesText(keptBytes)} of ${bytesText(totalBytes)} of ${what}`;
  });
  return `cut: ${parts.join(', ')}`;
}

/** One thing that a doctor found. */
export interface Finding {
  readonly area: 'program' | 'folder' | 'database' | 'runs';
  /** `note`: nothing is wrong, yet somebody may want to know it. */
  readonly severity: 'ok' | 'note' | 'problem';
  readonly text: string;
  /** What a person can do about it. */
  readonly advice?: string;
  readonly treeId?: string;
  /** True: it was wrong, and is mended. */
  readonly isRepaired?: true;
}

/** Bytes as people read them. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const NUMBERS = new Intl.NumberFormat('en');

/** `1,234 rows`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${NUMBERS.format(count)} ${count === 1 ? one : many}`;
}

/** Pieces of Markdown, and numbers as people read them. */

export type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  readonly align?: Align;
}

/** A table; nothing when there are no rows. */
export function table(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : escapeCell(cell))));
  const head = columns.map(({ title }) => title);
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return [head, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A bar of up to `width` blocks for a share of the whole. */
export function bar(share: number, width = 20): string {
  const blocks = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return '█'.repeat(blocks) || (share > 0 ? '▏' : '');
}

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

export function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const unit = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  return `${number(value / 1000 ** unit)} ${units[unit]}`;
}

/** `one commit`, `3 commits`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count === 1 ? 'one' : number(count)} ${count === 1 ? one : many}`;
}

/** A list that ends in `and`. */
export function enumerate(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

/** Aligned tables that fit the terminal: the one column that may shrink is cut, ids never are. */
import colors from 'picocolors';
import { cutTo, widthOf } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  /** May hold colours. */
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  /** Cut when the table is too wide for the terminal. */
  readonly shrinks?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; undefined (a pipe): nothing is cut. */
  readonly width: number | undefined;
}

const GAP = '  ';
const SHRUNK_WIDTH_MIN = 8;

/** The lines of a table, the header first. */
export function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): readonly string[] {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  const limits = shrink(widths, columns, options.width);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, limits[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  return [colors.dim(line(columns.map((column) => column.title))), ...cells.map(line)];
}

/** Text on exactly `width` columns: cut with an ellipsis, or filled with spaces. */
export function pad(text: string, width: number, align?: 'right'): string {
  const cut = widthOf(text) > width ? cutTo(text, width) : text;
  const fill = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'right' ? `${fill}${cut}` : `${cut}${fill}`;
}

function shrink(
  widths: readonly number[],
  columns: readonly Pick<Column<never>, 'shrinks'>[],
  limit: number | undefined,
): readonly number[] {
  if (limit === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - limit;
  const result = [...widths];
  for (const [index, width] of widths.entries()) {
    if (excess <= 0) break;
    if (columns[index]?.shrinks !== true) continue;
    const shrunk = Math.max(Math.min(width, SHRUNK_WIDTH_MIN), width - excess);
    result[index] = shrunk;
    excess -= width - shrunk;
  }
  return result;
}

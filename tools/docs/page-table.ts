/** The first table below a heading of a page, or the first of the page: its rows as cells, without the head. */
export function tableBelow(text: string, heading?: string): readonly (readonly string[])[] {
  const from = heading === undefined ? 0 : text.split('\n').indexOf(heading);
  if (from < 0) throw new Error(`The page has no heading "${heading}".`);
  const lines = text.split('\n').slice(from);
  const start = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks in one column of a table, in order. */
export function namesIn(rows: readonly (readonly string[])[], column = 0): readonly string[] {
  return rows.flatMap((row) => [...(row[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** Results of a group as a Markdown table. */
import type { CaseResult, Column, Group } from './case.ts';
import { ratioOf } from './ratio.ts';
import { spreadOf } from './statistics.ts';

/** Lines of the table, columns aligned. Failed cases are listed below it. */
export function tableOf(group: Group, results: ReadonlyMap<string, CaseResult>): string {
  const hasRatio = group.cases.some((each) => each.floor !== undefined);
  const titles = [
    ...group.labelTitles,
    ...group.columns.flatMap(({ title, hasSpread }) => (hasSpread === true ? [title, 'min–max'] : [title])),
    ...(hasRatio ? ['ratio', 'min–max', 'best', 'target'] : []),
  ];
  const rows: string[][] = [];
  const failures: string[] = [];
  for (const { id } of group.cases) {
    const result = results.get(id);
    if (result === undefined) continue;
    if (result.error !== undefined) failures.push(`- ${id}: ${result.error.replaceAll('\n', '\n  ')}`);
    if (result.rounds.length === 0) continue;
    rows.push([
      ...result.case.labels,
      ...group.columns.flatMap((column) => cellsOf(result, column)),
      ...(hasRatio ? ratioCells(result, results) : []),
    ]);
  }
  const lines = [`## ${group.title}`, '', group.note, '', ...aligned(titles, rows, group.labelTitles.length)];
  return [...lines, ...(failures.length === 0 ? [] : ['', 'Failed:', '', ...failures])].join('\n');
}

/** How many rounds the cases of a table had: `5`, or `1 to 5`. */
export function roundsOf({ cases }: Group, results: ReadonlyMap<string, CaseResult>): string {
  const counts = cases.flatMap(({ id }) => results.get(id)?.rounds.length ?? []);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return fewest === most ? String(most) : `${fewest} to ${most}`;
}

function cellsOf({ rounds, case: measured }: CaseResult, column: Column): string[] {
  const { figure, digits, hasSpread } = column;
  const values = rounds.flatMap((round) => round[figure] ?? []);
  if (values.length === 0) return hasSpread === true ? ['', ''] : [''];
  const { median, min, max } = spreadOf(values);
  const text = (value: number): string =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const limit = measured.below?.[figure] ?? column.below ?? Infinity;
  const verdict = limit === Infinity ? '' : ` < ${limit.toLocaleString('en')}${median < limit ? '' : ' (missed)'}`;
  return [`${text(median)}${verdict}`, ...(hasSpread === true ? [`${text(min)}–${text(max)}`] : [])];
}

function ratioCells(result: CaseResult, results: ReadonlyMap<string, CaseResult>): string[] {
  const ratio = ratioOf(result, results);
  const target = result.case.floor?.target;
  if (ratio === undefined) return ['', '', '', ''];
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  return [
    percent(ratio.median),
    `${percent(ratio.min)}–${percent(ratio.max)}`,
    percent(ratio.best),
    target === undefined ? '' : `≥ ${percent(target)}${ratio.median >= target ? '' : ' (missed)'}`,
  ];
}

function aligned(titles: readonly string[], rows: readonly (readonly string[])[], labels: number): string[] {
  const widths = titles.map((title, place) => Math.max(title.length, ...rows.map((row) => row[place]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, place) => {
      const cell = cells[place] ?? '';
      return place < labels ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, place) => (place < labels ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(titles), `| ${rule.join(' | ')} |`, ...rows.map(line)];
}

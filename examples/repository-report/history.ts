/** Task function: makes numbers of what git printed. */

import { groupBy } from './group-by.ts';

/** What the git commands of the tree printed, as it came. */
export interface GitOutputs {
  readonly commits: string;
  readonly shallow: string;
  /** `git shortlog --summary`: a number, a tab and a name per line. */
  readonly authors: string;
  /** A line per commit: ISO week, day of the week (1 is Monday) and hour, as `2026-W47 5 13`. */
  readonly times: string;
  /** The path of each changed file, a line per change. */
  readonly changes: string;
}

export interface HistorySummary {
  readonly commits: number;
  /** The clone holds only the newest commits. */
  readonly isShallow: boolean;
  /** Most commits first. */
  readonly authors: readonly Count[];
  /** Newest first. */
  readonly weeks: readonly Count[];
  /** By `Monday`, …; the busiest first. */
  readonly days: readonly Count[];
  /** By hour of the day; the busiest first. */
  readonly hours: readonly Count[];
  /** The most changed first. */
  readonly hotFiles: readonly Count[];
}

export interface Count {
  readonly name: string;
  readonly count: number;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export function summarizeHistory(git: GitOutputs): HistorySummary {
  const times = linesOf(git.times).map((line) => line.split(' '));
  return {
    commits: Number(git.commits),
    isShallow: git.shallow.trim() === 'true',
    authors: linesOf(git.authors)
      .map((line) => line.trim().split('\t'))
      .map(([count, name]) => ({ name: name ?? 'unknown', count: Number(count) }))
      .slice(0, 10),
    weeks: countEach(times.map(([week]) => week ?? ''))
      .toSorted((a, b) => b.name.localeCompare(a.name))
      .slice(0, 12),
    days: countEach(times.map(([, day]) => DAYS[Number(day) - 1] ?? 'unknown')),
    hours: countEach(times.map(([, , hour]) => hour ?? '')).slice(0, 3),
    hotFiles: countEach(linesOf(git.changes)).slice(0, 10),
  };
}

/** How often each name occurs: the most frequent first, equals by name. */
function countEach(names: readonly string[]): Count[] {
  return [...groupBy(names, (name) => name)]
    .map(([name, all]) => ({ name, count: all.length }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

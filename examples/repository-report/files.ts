/** Task functions: count the files of the clone. Text files only; what is generated or installed is left out. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { groupBy } from './group-by.ts';

export interface LanguageCount {
  readonly language: string;
  readonly files: number;
  readonly lines: number;
  readonly blankLines: number;
}

export interface AreaCount {
  /** A folder at the top of the clone. */
  readonly area: string;
  readonly files: number;
  readonly lines: number;
  /** Lines of files that hold tests. */
  readonly testLines: number;
  readonly languages: readonly LanguageCount[];
}

/** Sizes of TypeScript sources, tests left out. */
export interface SourceSizes {
  readonly files: number;
  readonly medianLines: number;
  readonly p90Lines: number;
  /** The longest first; `file` relative to the root. */
  readonly longest: readonly { readonly file: string; readonly lines: number }[];
}

const LANGUAGES: Readonly<Record<string, string>> = {
  '.ts': 'TypeScript',
  '.tsx': 'TypeScript',
  '.mts': 'TypeScript',
  '.js': 'JavaScript',
  '.mjs': 'JavaScript',
  '.cjs': 'JavaScript',
  '.json': 'JSON',
  '.yaml': 'YAML',
  '.yml': 'YAML',
  '.md': 'Markdown',
  '.css': 'CSS',
  '.html': 'HTML',
  '.svg': 'SVG',
  '.sh': 'Shell',
  '.sql': 'SQL',
};

/** Installed, built or generated. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'reference']);
const TEST = /\.(test|fixture)\.[cm]?[jt]sx?$/;

/** Counts one folder at the top of the clone; a missing one counts nothing. */
export async function countArea({ root, area }: { readonly root: string; readonly area: string }): Promise<AreaCount> {
  const counts = await countFiles(join(root, area));
  const languages = groupBy(counts, ({ language }) => language);
  return {
    area,
    files: counts.length,
    lines: sum(counts.map(({ lines }) => lines)),
    testLines: sum(counts.filter(({ file }) => TEST.test(file)).map(({ lines }) => lines)),
    languages: [...languages].map(([language, files]) => toLanguage(language, files)).toSorted(byLines),
  };
}

/** The languages of all areas together, most lines first. */
export function sumLanguages(areas: readonly AreaCount[]): readonly LanguageCount[] {
  const languages = groupBy(
    areas.flatMap((area) => area.languages),
    ({ language }) => language,
  );
  const totals = [...languages].map(([language, counts]) => ({
    language,
    files: sum(counts.map(({ files }) => files)),
    lines: sum(counts.map(({ lines }) => lines)),
    blankLines: sum(counts.map(({ blankLines }) => blankLines)),
  }));
  return totals.toSorted(byLines);
}

/** How long the source files are. */
export async function measureSources({ root }: { readonly root: string }): Promise<SourceSizes> {
  const areas = await Promise.all(['packages', 'extensions', 'tools'].map((area) => countFiles(join(root, area))));
  const sources = areas
    .flat()
    .filter(({ file, language }) => language === 'TypeScript' && !TEST.test(file))
    .toSorted((a, b) => b.lines - a.lines || a.file.localeCompare(b.file));
  const lines = sources.map((source) => source.lines).toReversed();
  return {
    files: sources.length,
    medianLines: quantile(lines, 0.5),
    p90Lines: quantile(lines, 0.9),
    longest: sources
      .slice(0, 5)
      .map((source) => ({ file: relative(root, source.file).split(sep).join('/'), lines: source.lines })),
  };
}

interface FileCount {
  readonly file: string;
  readonly language: string;
  readonly lines: number;
  readonly blankLines: number;
}

async function countFiles(folder: string): Promise<readonly FileCount[]> {
  const counts: FileCount[] = [];
  for (const file of await listFiles(folder)) {
    const language = LANGUAGES[extname(file).toLowerCase()];
    if (language === undefined || basename(file) === 'package-lock.json') continue;
    const lines = (await readFile(file, 'utf8')).replace(/\n$/, '').split('\n');
    counts.push({
      file,
      language,
      lines: lines.length,
      blankLines: lines.filter((line) => line.trim() === '').length,
    });
  }
  return counts;
}

/** All files below a folder, hidden and installed ones left out; links are not followed. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entries = await readdir(at, { withFileTypes: true }).catch(ignoreMissing);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) open.push(join(at, entry.name));
      if (entry.isFile()) found.push(join(at, entry.name));
    }
  }
  return found;
}

function ignoreMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function toLanguage(language: string, files: readonly FileCount[]): LanguageCount {
  return {
    language,
    files: files.length,
    lines: sum(files.map(({ lines }) => lines)),
    blankLines: sum(files.map(({ blankLines }) => blankLines)),
  };
}

function byLines(a: LanguageCount, b: LanguageCount): number {
  return b.lines - a.lines || a.language.localeCompare(b.language);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Of ascending numbers the one below which the given share lies; 0 when there are none. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.floor((ascending.length - 1) * share)] ?? 0;
}

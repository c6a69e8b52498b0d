/** Task function: writes the report from the facts that the other tasks gathered. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Footprint, LicenceSummary, Repeated } from './dependencies.ts';
import type { AreaCount, LanguageCount, SourceSizes } from './files.ts';
import type { HistorySummary } from './history.ts';
import type { Served, Verdict } from './licence-service.ts';
import { bar, bytes, enumerate, number, percent, plural, table } from './markdown.ts';

/** Outputs of the tasks, by the task's id. What could not be found out is null. */
export interface Facts {
  /** The output of `git rev-list`, or how it failed. */
  readonly commits: { readonly stdout: string } | { readonly error: { readonly message: string } } | null;
  readonly history: HistorySummary | null;
  readonly lines: number;
  readonly areas: readonly AreaCount[];
  readonly languages: readonly LanguageCount[];
  readonly sizes: SourceSizes;
  readonly licences: LicenceSummary;
  readonly versions: readonly Repeated[];
  readonly footprint: Footprint;
  readonly verdicts: { readonly body: readonly Verdict[] } | null;
  readonly service: Served | null;
  readonly machine: {
    readonly os: { readonly platform: string; readonly arch: string };
    readonly cpu: { readonly count: number };
    readonly memory: { readonly totalBytes: number };
    readonly process: { readonly node: string };
  };
}

interface ReportArgs {
  readonly root: string;
  /** Where to write, relative to the root. */
  readonly file: string;
  readonly runId: string;
  readonly facts: Facts;
}

/** Writes the report in one step, so that nobody ever reads a half; answers where it is, relative to the root. */
export async function writeReport(args: ReportArgs, ctx: { nowMs(): number }): Promise<string> {
  const text = renderReport(args.facts, { runId: args.runId, at: new Date(ctx.nowMs()) });
  const path = join(args.root, args.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return args.file;
}

/** The report as Markdown. */
export function renderReport(facts: Facts, { runId, at }: { readonly runId: string; readonly at: Date }): string {
  const sections = [
    `# Repository report\n\nWritten ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC by run \`${runId}\`.`,
    notableFacts(facts),
    languagesSection(facts),
    areasSection(facts),
    historySection(facts),
    licencesSection(facts),
    packagesSection(facts),
    machineSection(facts),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function notableFacts(facts: Facts): string {
  const { history, licences, languages, sizes, versions } = facts;
  const [language] = languages;
  const tests = facts.areas.reduce((total, { testLines }) => total + testLines, 0);
  const [longest] = sizes.longest;
  const [hot] = history?.hotFiles ?? [];
  const copyleft = (facts.verdicts?.body ?? []).filter(({ kind }) => kind === 'strong copyleft');
  const found = [
    `**${number(facts.lines)} lines** in ${plural(
      facts.areas.reduce((total, { files }) => total + files, 0),
      'file',
    )}` + (language === undefined ? '' : `, ${percent(language.lines / facts.lines)} of them ${language.language}`),
    tests > 0 && `**${percent(tests / facts.lines)}** of all lines are tests`,
    longest !== undefined &&
      `half of the source files have at most **${number(sizes.medianLines)} lines**; the longest is \`${longest.file}\` with ${number(longest.lines)}`,
    hot !== undefined && `the file that changes most is \`${hot.name}\` (${plural(hot.count, 'change')})`,
    `**${plural(licences.packages, 'package')}** under ${plural(licences.byLicence.length, 'licence')}, ` +
      `${number(licences.forDevelopment)} of them for development only`,
    facts.verdicts !== null &&
      (copyleft.length === 0
        ? 'no licence that was found asks for more than a notice, or the source of the package itself'
        : `strong copyleft: ${enumerate(copyleft.map(({ licence }) => licence))}`),
    licences.withInstallScript.length > 0 &&
      `packages that want to run code when they are installed: ${enumerate(licences.withInstallScript)}`,
    versions.length > 0 && `${plural(versions.length, 'package')} in more than one version`,
  ];
  return `## Worth knowing\n\n${found.flatMap((fact) => (fact === false ? [] : [`- ${capital(fact)}.`])).join('\n')}`;
}

function languagesSection({ languages, lines }: Facts): string {
  const rows = languages.map((entry) => [
    entry.language,
    entry.files,
    entry.lines,
    percent(entry.blankLines / Math.max(entry.lines, 1)),
    `${bar(entry.lines / lines)} ${percent(entry.lines / lines)}`,
  ]);
  const columns = [
    { title: 'Language' },
    { title: 'Files', align: 'right' },
    { title: 'Lines', align: 'right' },
    { title: 'Blank', align: 'right' },
    { title: 'Share' },
  ] as const;
  return `## Languages\n\n${table(columns, rows)}`;
}

function areasSection({ areas, lines, sizes }: Facts): string {
  const rows = areas.map(({ area, files, lines: areaLines, testLines }) => [
    `\`${area}/\``,
    files,
    areaLines,
    testLines,
    `${bar(areaLines / lines)} ${percent(areaLines / lines)}`,
  ]);
  const columns = [
    { title: 'Folder' },
    { title: 'Files', align: 'right' },
    { title: 'Lines', align: 'right' },
    { title: 'In tests', align: 'right' },
    { title: 'Share' },
  ] as const;
  const longest = table(
    [{ title: 'Longest source files' }, { title: 'Lines', align: 'right' }],
    sizes.longest.map(({ file, lines: fileLines }) => [`\`${file}\``, fileLines]),
  );
  const spread = `Of ${plural(sizes.files, 'source file')} half have at most ${number(sizes.medianLines)} lines and nine in ten at most ${number(sizes.p90Lines)}.`;
  return `## Where the code is\n\n${table(columns, rows)}\n\n${spread}\n\n${longest}`;
}

function historySection({ history, commits }: Facts): string {
  if (history === null) {
    const why = commits !== null && 'error' in commits ? ` (${commits.error.message})` : '';
    return `## History\n\nThis clone has no history that could be read${why}, so nothing is said about commits.`;
  }
  const note = history.isShallow ? ' This is a shallow clone: what is older is not counted.' : '';
  const [day] = history.days;
  const [hour] = history.hours;
  const when =
    history.commits < 10 || day === undefined || hour === undefined
      ? ''
      : ` Most are made on a ${day.name}, most often between ${hour.name} and ${String(Number(hour.name) + 1).padStart(2, '0')} o'clock.`;
  const most = Math.max(...history.weeks.map(({ count }) => count));
  const authors = table(
    [{ title: 'Author' }, { title: 'Commits', align: 'right' }],
    history.authors.map(({ name, count }) => [name, count]),
  );
  const weeks = table(
    [{ title: 'Week' }, { title: 'Commits', align: 'right' }, { title: '' }],
    history.weeks.map(({ name, count }) => [name, count, bar(count / most)]),
  );
  const files = table(
    [{ title: 'Files that change most' }, { title: 'Changes', align: 'right' }],
    history.hotFiles.map(({ name, count }) => [`\`${name}\``, count]),
  );
  return `## History\n\n${capital(plural(history.commits, 'commit'))}.${note}${when}\n\n${authors}\n\n${weeks}\n\n${files}`;
}

function licencesSection({ licences, verdicts, service }: Facts): string {
  const kinds = new Map((verdicts?.body ?? []).map(({ licence, kind }) => [licence, kind]));
  const rows = licences.byLicence.map(({ licence, packages, examples }) => [
    licence,
    packages,
    kinds.get(licence) ?? '',
    examples.join(', '),
  ]);
  const columns = [
    { title: 'Licence' },
    { title: 'Packages', align: 'right' },
    { title: 'Kind' },
    { title: 'For example' },
  ] as const;
  const source =
    service === null
      ? 'The licence service did not end well, so kinds may be missing.'
      : `The kinds come from a service that the tree started: it answered ${plural(service.requests, 'request')}, ${number(service.refused)} of them with "not yet".`;
  const { notInstalled } = licences;
  const absent =
    notInstalled === 0
      ? ''
      : ` Not asked, because not installed here: ${plural(notInstalled, 'package')} for other platforms.`;
  return `## Licences of the dependencies\n\n${table(columns, rows)}\n\n${source}${absent}`;
}

function packagesSection({ footprint, versions }: Facts): string {
  const repeated =
    versions.length === 0
      ? 'Every package is there in one version.'
      : `In most versions: ${enumerate(versions.slice(0, 5).map(({ name, versions: all }) => `${name} (${all.join(', ')})`))}.`;
  if (footprint.files === 0) return `## Packages\n\nNothing is installed.\n\n${repeated}`;
  const largest = table(
    [{ title: 'Largest packages' }, { title: 'Size', align: 'right' }, { title: '' }],
    footprint.largest.map(({ name, bytes: size }) => [name, bytes(size), bar(size / footprint.totalBytes)]),
  );
  return `## Packages\n\n${capital(plural(footprint.files, 'installed file'))} take ${bytes(footprint.totalBytes)}.\n\n${largest}\n\n${repeated}`;
}

function machineSection({ machine }: Facts): string {
  const { os, cpu, memory, process } = machine;
  return `---\n\nMade on ${os.platform} ${os.arch}, ${plural(cpu.count, 'processor')}, ${bytes(memory.totalBytes)} of memory, Node.js ${process.node}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

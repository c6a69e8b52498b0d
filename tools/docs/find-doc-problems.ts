/**
 * Says what is wrong with a page of the docs: links to files that are not there, and snippets that are not what they claim.
 *
 * A snippet of code stands below a comment that names a file (`<!-- file: examples/x/y.yaml -->`) and is a part of it, line by
 * line, indentation apart: so it runs in the tests. Commands, texts and tables of output need no file.
 */

/** Answers the text of a file of the repository, an empty text for a folder; undefined: there is none. The path is relative to the root. */
export type ReadFile = (path: string) => string | undefined;

export interface Page {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Languages whose snippets must be part of a file. */
const CODE: ReadonlySet<string> = new Set(['ts', 'typescript', 'js', 'javascript', 'yaml', 'yml', 'json']);
const FENCE = /^(?:<!-- file: (?<file>\S+) -->\n\n?)?```(?<language>\w*)\n(?<code>[\s\S]*?)^```$/gm;
const LINK = /\]\((?<target>[^)\s]+)\)/g;

export function findDocProblems(page: Page, read: ReadFile): readonly string[] {
  const prose = page.text.replaceAll(FENCE, '').replaceAll(/`[^`\n]*`/g, '');
  return [
    ...[...page.text.matchAll(FENCE)].flatMap(({ groups }) => snippetProblems(groups ?? {}, read)),
    ...[...prose.matchAll(LINK)].flatMap(({ groups }) => linkProblems(page, groups?.['target'] ?? '', read)),
  ].map((problem) => `${page.path}: ${problem}`);
}

function snippetProblems(groups: Readonly<Record<string, string | undefined>>, read: ReadFile): readonly string[] {
  const { file, language = '', code = '' } = groups;
  const [first = ''] = code.split('\n');
  if (file === undefined) {
    return CODE.has(language)
      ? [`the ${language} snippet "${first}" names no file; put <!-- file: path --> above it`]
      : [];
  }
  const source = read(file);
  if (source === undefined) return [`a snippet names ${file}, which is not there`];
  return `\n${trimLines(source)}\n`.includes(`\n${trimLines(code)}\n`)
    ? []
    : [`the snippet "${first.trim()}" is no part of ${file}; copy it from there`];
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
}

function linkProblems(page: Page, target: string, read: ReadFile): readonly string[] {
  const [path = ''] = target.split('#');
  if (path === '' || /^[a-z]+:/.test(target)) return [];
  // Resolved as a reader's browser does.
  const resolved = decodeURIComponent(new URL(path, `file:///${page.path}`).pathname)
    .slice(1)
    .replace(/\/$/, '');
  return read(resolved) === undefined ? [`the link ${target} leads to ${resolved}, which is not there`] : [];
}

/** Definition files: from the text of a file to params of `tasks.create`, with every problem at its line and column. */
import { parseDefinitionSource } from './definition-source.ts';
import type { DefinitionProblem, DefinitionSource, FilePath } from './definition-source.ts';
import { fileProblems } from './file-fields.ts';
import { isFields } from './fields.ts';
import type { Place } from './place.ts';
import type { BuildProblem } from './build-state.ts';
import { buildSubmission } from './submission-builder.ts';
import { checkSubmission } from './submission-check.ts';
import type { SubmissionParams } from './submission-check.ts';
import { outermostPath } from './use-path.ts';
import { NO_FILES, readUsedFiles, type UsedFiles, type UseOptions } from './used-files.ts';

/** A violation as the server reports it: a path into the params of `tasks.create`. */
export interface PathViolation {
  readonly path: FilePath;
  readonly reason: string;
  readonly part?: 'key' | 'value';
}

/** A definition file that can be submitted; the server may still find violations in it. */
export interface Definition {
  readonly file: string;
  readonly params: SubmissionParams;
  /** Puts violations of `params` at their places in the files, in the order of the files. */
  problemsOf(violations: readonly PathViolation[]): readonly DefinitionProblem[];
}

/** `rest`: what can be understood of the definition, so that the server can be asked what else is wrong. */
export type DefinitionResult =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[]; readonly rest?: Definition };

/**
 * Parses and checks a definition with all files that it uses; `file` is the name shown to people, `-`: it is no file. Answers all
 * problems that can be found without the server, each with the file that it is in.
 */
export async function readDefinition(text: string, file: string, options: UseOptions): Promise<DefinitionResult> {
  return parseWith(text, file, await readUsedFiles(text, file, options));
}

/** The same of a definition that uses no other files: those that it uses are problems. */
export function parseDefinition(text: string, file: string): DefinitionResult {
  return parseWith(text, file, NO_FILES);
}

function parseWith(text: string, file: string, files: UsedFiles): DefinitionResult {
  const source = parseDefinitionSource(text, file);
  const outermost = outermostPath(file);
  const locate = locator(source, outermost, files);
  if (source.value === undefined) return { ok: false, problems: source.problems };
  if (!isFields(source.value)) return { ok: false, problems: fileProblems(outermost, source.value).map(locate) };
  const built = buildSubmission({
    value: source.value,
    scope: { file: outermost, prefix: '', above: undefined },
    files,
    fallbackName: fileTitle(file),
  });
  const checked = checkSubmission(built.params);
  const problemsFrom =
    (originOf: (path: FilePath) => FilePath | undefined) =>
    (violations: readonly PathViolation[]): DefinitionProblem[] =>
      inOrder(
        violations.flatMap((found) => {
          const path = originOf(found.path);
          if (path === undefined) return [];
          const origin = built.origins.of(path);
          return [locate({ ...origin, message: asWritten(found.reason, path, origin.path), part: found.part })];
        }),
        file,
      );
  const problemsOf = problemsFrom((path) => path);
  const written = [...source.problems, ...built.located];
  const own = [...fileProblems(outermost, source.value), ...built.problems].map(locate);
  // What is said of a place as it is written is not said again of its value.
  const isSaid = (found: DefinitionProblem): boolean =>
    written.some((said) => said.file === found.file && said.line === found.line && said.column === found.column);
  const inValues = checked.ok ? [] : problemsOf(checked.violations).filter((found) => !isSaid(found));
  const problems = [...written, ...own, ...inValues];
  if (checked.ok && problems.length === 0)
    return { ok: true, definition: { file, params: checked.params, problemsOf } };
  const rest = checked.ok
    ? { file, params: checked.params, problemsOf }
    : checked.rest && { file, params: checked.rest.value, problemsOf: problemsFrom(checked.rest.originOf) };
  return {
    ok: false,
    problems: inOrder(problems, file),
    ...(rest === undefined || rest.params.tasks.length === 0 ? {} : { rest }),
  };
}

/** A reason with the name that the field has in the file: `timeout` where the wire has `timeoutMs`. */
function asWritten(reason: string, path: FilePath, origin: FilePath): string {
  const [name, written] = [String(path.at(-1)), String(origin.at(-1))];
  const named = reason.startsWith(`${name}: `) ? `${written}${reason.slice(name.length)}` : reason;
  return named.replace(`unknown field "${name}"`, `unknown field "${written}"`);
}

/** Finds the position of a problem in the file that it is in. */
function locator(
  outer: DefinitionSource,
  outermost: string,
  { sources }: UsedFiles,
): (problem: BuildProblem) => DefinitionProblem {
  const sourceOf = ({ file }: Place): DefinitionSource => {
    const used = file === outermost ? undefined : sources.get(file);
    return used === undefined || 'fault' in used ? outer : used;
  };
  return (problem) => {
    const { path, message, part } = problem;
    const source = sourceOf(problem);
    return { file: source.file, ...source.locate(path, part), path, message };
  };
}

/** The name of a file without its folder and endings. */
function fileTitle(file: string): string {
  return file === '-' ? 'definition' : outermostPath(file).replace(/(\.coppice)?\.(ya?ml|json)$/i, '') || 'definition';
}

/** By file, the outermost one first, then by line and column. A file that is used by several tasks has each of its problems once. */
export function inOrder(problems: readonly DefinitionProblem[], outermost: string): DefinitionProblem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const message = problem.file === outermost ? problem.message : problem.message.replace(/^Task '[^']*'/, '');
      const text = formatProblem({ ...problem, message });
      return !seen.has(text) && seen.add(text);
    })
    .toSorted((a, b) => byFile(a, b, outermost) || a.line - b.line || a.column - b.column);
}

function byFile(a: DefinitionProblem, b: DefinitionProblem, outermost: string): number {
  if (a.file === b.file) return 0;
  if (a.file === outermost || b.file === outermost) return a.file === outermost ? -1 : 1;
  return a.file < b.file ? -1 : 1;
}

/** `file:line:column: message`, as compilers and editors write it. */
export function formatProblem({ file, line, column, message }: DefinitionProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

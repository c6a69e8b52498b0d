/** Definition files: from the text of a file to params of `tasks.create`, with every problem at its line and column. */
import { unknownField } from '@coppice/protocol';
import { parseDefinitionSource } from './definition-source.ts';
import type { DefinitionProblem, DefinitionSource, FilePath } from './definition-source.ts';
import { buildSubmission, FILE_FIELDS, isFields } from './submission-builder.ts';
import type { BuildProblem } from './submission-builder.ts';
import { checkSubmission } from './submission-check.ts';
import type { SubmissionParams } from './submission-check.ts';

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
  /** Puts violations of `params` at their places in the file, in the order of the file. */
  problemsOf(violations: readonly PathViolation[]): readonly DefinitionProblem[];
}

/** `rest`: what can be understood of the definition, so that the server can be asked what else is wrong. */
export type DefinitionResult =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[]; readonly rest?: Definition };

/** The only version of the file format. */
const VERSION = 1;

/** Parses and checks a definition; `file` is the name shown to people. Answers all problems that can be found without the server. */
export function parseDefinition(text: string, file: string): DefinitionResult {
  const source = parseDefinitionSource(text, file);
  if (source.value === undefined) return { ok: false, problems: source.problems };
  if (!isFields(source.value)) {
    const message = 'Expected a definition: a map with "version: 1" and "tasks".';
    return { ok: false, problems: [place(source, { path: [], message })] };
  }
  const built = buildSubmission(source.value, fileTitle(file));
  const checked = checkSubmission(built.params);
  const problemsFrom =
    (originOf: (path: FilePath) => FilePath | undefined) =>
    (violations: readonly PathViolation[]): DefinitionProblem[] =>
      inOrder(
        violations.flatMap((found) => {
          const path = originOf(found.path);
          return path === undefined
            ? []
            : [place(source, { ...found, path: built.originOf(path), message: found.reason })];
        }),
      );
  const problemsOf = problemsFrom((path) => path);
  const own = [...source.problems, ...checkFile(source.value, built.problems).map((problem) => place(source, problem))];
  // What is said of a place as it is written is not said again of its value.
  const isSaid = ({ line, column }: DefinitionProblem): boolean =>
    source.problems.some((said) => said.line === line && said.column === column);
  const problems = [...own, ...(checked.ok ? [] : problemsOf(checked.violations).filter((found) => !isSaid(found)))];
  if (checked.ok && problems.length === 0)
    return { ok: true, definition: { file, params: checked.params, problemsOf } };
  const rest = checked.ok
    ? { file, params: checked.params, problemsOf }
    : checked.rest && { file, params: checked.rest.value, problemsOf: problemsFrom(checked.rest.originOf) };
  return {
    ok: false,
    problems: inOrder(problems),
    ...(rest === undefined || rest.params.tasks.length === 0 ? {} : { rest }),
  };
}

function checkFile(
  file: Readonly<Record<string, unknown>>,
  problems: readonly BuildProblem[],
): readonly BuildProblem[] {
  const found: BuildProblem[] = [...problems];
  const { version, name } = file;
  for (const field of Object.keys(file)) {
    if (!FILE_FIELDS.some((known) => known === field) && !field.startsWith('x-')) {
      found.push({ path: [field], message: unknownField(field, FILE_FIELDS), part: 'key' });
    }
  }
  if (version === undefined)
    found.push({ path: [], message: 'The version of the format is missing. Add "version: 1".' });
  else if (version !== VERSION) {
    found.push({
      path: ['version'],
      message: `Version ${JSON.stringify(version)} is unknown. This Coppice reads version 1.`,
    });
  }
  if (name !== undefined && typeof name !== 'string') found.push({ path: ['name'], message: 'Expected a text.' });
  return found;
}

/** The name of a file without its folder and endings. */
function fileTitle(file: string): string {
  return file === '-'
    ? 'definition'
    : (file.split(/[/\\]/).at(-1) ?? '').replace(/(\.coppice)?\.(ya?ml|json)$/i, '') || 'definition';
}

function place(source: DefinitionSource, problem: BuildProblem): DefinitionProblem {
  const { path, message, part } = problem;
  return { ...source.locate(path, part), path, message };
}

/** By line and column. */
export function inOrder(problems: readonly DefinitionProblem[]): DefinitionProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** `file:line:column: message`, as compilers and editors write it. */
export function formatProblem(file: string, problem: DefinitionProblem): string {
  return `${file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/**
 * Finds names in a page that nothing has: npm scripts, methods, settings, policies, error codes, environment variables and files.
 * It reads what stands in backticks, and for scripts also the lines of `sh` blocks. Commands of `coppice` are looked up by its own tests.
 */
import type { Page } from './find-doc-problems.ts';

export interface KnownNames {
  /** npm scripts by the folder of their package; `.` is the root. */
  readonly scripts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Methods and notifications. */
  readonly methods: ReadonlySet<string>;
  /** Of `coppice.config.json`. */
  readonly settings: SettingsSchema;
  readonly policies: ReadonlySet<string>;
  /** Error codes and environment variables: what the sources say in quotes or read. */
  readonly words: ReadonlySet<string>;
  /** Files of the repository, with `/`. */
  readonly files: readonly string[];
}

/** The part of a JSON Schema that tells which fields there are. */
export interface SettingsSchema {
  readonly properties?: Readonly<Record<string, SettingsSchema>>;
  readonly additionalProperties?: SettingsSchema | boolean;
}

type Check = (text: string, known: KnownNames) => string | undefined;

const SHELL_BLOCK = /^```sh\n([\s\S]*?)^```$/gm;
const ANY_BLOCK = /^```[\s\S]*?^```$/gm;
const SPAN = /`([^`\n]+)`/g;
/** Names of tasks in examples, which look like error codes. */
const TASK_PATHS: ReadonlySet<string> = new Set(['latest/test', 'deploy/test']);
const CHECKS: readonly Check[] = [methodOrSettingProblem, policyProblem, wordProblem, fileProblem];

export function findNameProblems(page: Page, known: KnownNames): readonly string[] {
  const lines = [...page.text.matchAll(SHELL_BLOCK)].flatMap(([, block = '']) => block.split('\n'));
  const spans = [...page.text.replaceAll(ANY_BLOCK, '').matchAll(SPAN)].map(([, span = '']) => span);
  const problems = [
    ...[...lines, ...spans].flatMap((line) => scriptProblems(line, known)),
    ...spans.flatMap((span) => CHECKS.map((check) => check(span, known))),
  ];
  return [...new Set(problems)].flatMap((problem) => (problem === undefined ? [] : [`${page.path}: ${problem}`]));
}

function scriptProblems(line: string, { scripts }: KnownNames): readonly string[] {
  return [...line.matchAll(/npm run (?<name>[a-z][\w:-]*)(?: -w (?<folder>\S+))?/g)].flatMap(({ groups = {} }) => {
    const { name = '', folder = '.' } = groups;
    return scripts.get(folder)?.has(name) === true ? [] : [`there is no script "${name}" in ${folder}/package.json`];
  });
}

function methodOrSettingProblem(text: string, { methods, settings }: KnownNames): string | undefined {
  if (!/^[a-z]\w*(\.\w+)+$/.test(text) || methods.has(text)) return undefined;
  const [head = '', ...fields] = text.split('.');
  const section = settings.properties?.[head];
  if (section?.properties !== undefined)
    return hasField(section, fields) ? undefined : `there is no setting or method ${text}`;
  const isMethod = [...methods].some((method) => method.startsWith(`${head}.`));
  return isMethod ? `there is no method ${text}` : undefined;
}

function hasField(schema: SettingsSchema, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const { properties = {}, additionalProperties: any } = schema;
  const inner = properties[name] ?? (typeof any === 'object' ? any : undefined);
  return inner !== undefined && hasField(inner, rest);
}

function policyProblem(text: string, { policies }: KnownNames): string | undefined {
  const [, name] = /^policies\.(\w+)$/.exec(text) ?? [];
  return name === undefined || policies.has(name) ? undefined : `there is no policy ${name}`;
}

function wordProblem(text: string, { words, files }: KnownNames): string | undefined {
  if (/^COPPICE_[A-Z_]+$/.test(text)) return words.has(text) ? undefined : `nothing reads or sets ${text}`;
  if (!/^[a-z][a-z-]*\/[a-z][a-z-]*$/.test(text) || words.has(text) || TASK_PATHS.has(text)) return undefined;
  return files.some((file) => `/${file}`.includes(`/${text}/`))
    ? undefined
    : `there is no error code or folder ${text}`;
}

function fileProblem(text: string, { files }: KnownNames): string | undefined {
  // What a run writes, and names of which a part is open, are no files of the repository.
  if (!/^[\w@./-]+\.(ts|mjs|cjs|json|yaml|md)$/.test(text) || /^(\.coppice\/|x\.)/.test(text)) return undefined;
  return files.some((file) => `/${file}`.endsWith(`/${text}`)) ? undefined : `there is no file ${text}`;
}

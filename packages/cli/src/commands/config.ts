/** `coppice config show|check|schema`: what holds, where it comes from, and what is wrong with it. Values of secrets are never read. */
import { checkConfig, configJsonSchema } from '@coppice/server';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { tableLines } from '../output/table.ts';
import { symbolOf } from '../output/theme.ts';
import { checkedConfig, configProblems } from '../session/open-local.ts';
import { DATA_DIR } from '../session/settings.ts';
import type { Settings } from '../session/settings.ts';
import { COPPICE } from '../output/command-name.ts';

/** A setting without others inside. */
interface Setting {
  /** `listen.port`. */
  readonly path: string;
  readonly value: unknown;
  readonly from: 'default' | 'file' | 'option';
}

export function show({ output, settings }: CommandContext): void {
  const list = listSettings(settings);
  const file = settings.configFile ?? null;
  if (output.isJson) {
    output.json({ file, settings: list });
    return;
  }
  const places = { default: 'default', file: file ?? '', option: '--data-dir or COPPICE_DATA_DIR' };
  const columns = [
    { title: 'SETTING', value: ({ path }: Setting) => path },
    { title: 'VALUE', value: ({ value }: Setting) => JSON.stringify(value), shrinks: true },
    { title: 'FROM', value: ({ from }: Setting) => (from === 'default' ? colors.dim(places[from]) : places[from]) },
  ];
  for (const line of tableLines(list, columns, { width: output.columns })) output.line(line);
  output.note(
    file === null
      ? 'There is no coppice.config.json here: defaults hold.'
      : `Is all of it right? ${COPPICE} config check`,
  );
}

export async function check({ output, settings }: CommandContext): Promise<number> {
  const file = settings.configFile ?? null;
  const wrong = configProblems(settings);
  const problems = wrong.length > 0 ? wrong : await checkConfig(checkedConfig(settings));
  if (output.isJson) output.json({ valid: problems.length === 0, file, problems });
  else if (problems.length === 0) {
    const what = file ?? 'There is no coppice.config.json here: the default configuration';
    output.line(`${symbolOf('completed')} ${what} is valid.`);
  } else for (const problem of problems) output.line(`${symbolOf('failed')} ${problem}`);
  return problems.length === 0 ? ExitCode.Ok : ExitCode.Usage;
}

export function schema({ output }: CommandContext): void {
  output.json(configJsonSchema());
}

/** All that hold, by path. */
function listSettings(settings: Settings): readonly Setting[] {
  const found: Setting[] = [];
  const stack: { readonly path: readonly string[]; readonly value: unknown }[] = [
    { path: [], value: checkedConfig(settings) },
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { path, value } = top;
    const inner = isObject(value) ? Object.entries(value) : [];
    if (inner.length === 0)
      found.push({ path: path.join('.'), value: shown(path, value), from: sourceOf(path, settings) });
    for (const [name, item] of inner.toReversed()) stack.push({ path: [...path, name], value: item });
  }
  return found;
}

/** What a contributed store takes may hold a password. */
function shown(path: readonly string[], value: unknown): unknown {
  return path[0] === 'store' && path[1] === 'options' && path.length > 2 ? '(not shown)' : value;
}

function sourceOf(path: readonly string[], { config, dataDir }: Settings): Setting['from'] {
  if (path[0] === 'dataDir')
    return dataDir === config['dataDir'] ? 'file' : dataDir === DATA_DIR ? 'default' : 'option';
  let at: unknown = config;
  for (const name of path) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return 'default';
    at = at[name];
  }
  return 'file';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `coppice init`: a first definition, a configuration and what editors and git need; overwrites nothing that a person may have written. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import { CONFIG_FILE } from '../session/settings.ts';
import { CONFIG, CONFIG_SCHEMA, DEFINITION, DEFINITION_SCHEMA, withIgnored } from './init-files.ts';
import { COPPICE } from '../output/command-name.ts';

const DEFINITION_FILE = 'hello.coppice.yaml';
const GITIGNORE = '.gitignore';

export async function init({ output }: CommandContext, directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of [
    [DEFINITION_FILE, DEFINITION],
    [CONFIG_FILE, CONFIG],
  ] as const) {
    const path = join(directory, name);
    ((await writeNew(path, text)) ? written : kept).push(path);
  }
  const gitignore = join(directory, GITIGNORE);
  ((await ignoreDataDir(gitignore)) ? written : kept).push(gitignore);
  await writeSchemas(directory);
  if (output.isJson) output.json({ written, kept });
  for (const path of output.isJson ? [] : written) output.line(`${symbolOf('completed')} ${path}`);
  for (const path of kept) output.note(`${path} is there already; left as it is.`);
  output.note(`Run it with: ${COPPICE} run ${join(directory, DEFINITION_FILE)}`);
  return ExitCode.Ok;
}

/** False when the file is there already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Adds a line to the file, or makes it; false when the line is in it already. */
async function ignoreDataDir(path: string): Promise<boolean> {
  const before = await readFile(path, 'utf8').catch(() => '');
  const after = withIgnored(before);
  if (after !== undefined) await writeFile(path, after);
  return after !== undefined;
}

/** What the files point their editors to. Made again by every call: they belong to this version, and to nobody else. */
async function writeSchemas(directory: string): Promise<void> {
  const [{ definitionJsonSchema }, { configJsonSchema }] = await Promise.all([
    import('@coppice/definition'),
    import('@coppice/server'),
  ]);
  // Read by VS Code: a configuration may hold comments.
  const config = { ...configJsonSchema(), allowComments: true, allowTrailingCommas: true };
  for (const [name, schema] of [
    [DEFINITION_SCHEMA, definitionJsonSchema()],
    [CONFIG_SCHEMA, config],
  ] as const) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(schema, null, 2)}\n`);
  }
}

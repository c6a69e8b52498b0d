/** `coppice init`: a first definition and a configuration; never overwrites anything. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import { CONFIG_FILE, DATA_DIR } from '../session/settings.ts';

const DEFINITION_FILE = 'hello.coppice.yaml';

const DEFINITION = `# A tree of tasks. Run it with: coppice run hello.coppice.yaml --input who=you
version: 1
name: hello
inputs:
  who: world

tasks:
  greet:
    executor: command
    inputs: { command: echo, args: ['hello', '\${{ inputs.who }}'] }
  wait:
    executor: delay
    inputs: { ms: 500ms }
  goodbye:
    executor: command
    dependencies: [greet, wait]
    inputs: { command: echo, args: ['goodbye', '\${{ inputs.who }}'] }
    policies:
      timeout: 10s
      retry: { maxAttempts: 3, delay: 1s }
`;

const CONFIG = `${JSON.stringify({ dataDir: DATA_DIR, extensions: [] }, null, 2)}\n`;

export async function init({ output }: CommandContext, directory: string): Promise<number> {
  const files = [
    { path: join(directory, DEFINITION_FILE), text: DEFINITION },
    { path: join(directory, CONFIG_FILE), text: CONFIG },
  ];
  await mkdir(directory, { recursive: true });
  const results = await Promise.all(files.map(({ path, text }) => writeNew(path, text)));
  const written = files.filter((_file, index) => results[index] === true).map(({ path }) => path);
  const kept = files.filter((_file, index) => results[index] !== true).map(({ path }) => path);
  if (output.isJson) output.json({ written, kept });
  for (const path of output.isJson ? [] : written) output.line(`${symbolOf('completed')} ${path}`);
  for (const path of kept) output.note(`${path} is there already; left as it is.`);
  output.note(`Run it with: coppice run ${join(directory, DEFINITION_FILE)}`);
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

/** Reads a definition file for a command, and says all that is wrong with it. */
import { withoutControls } from '../output/harmless.ts';
import type { Output } from '../output/output.ts';
import { dirname, resolve } from 'node:path';
import { isLoopbackUrl } from '@coppice/client';
import type { CommandContext } from '../context.ts';
import { formatProblem, inOrder, readDefinition as readFiles } from '@coppice/definition';
import type { Definition } from '@coppice/definition';
import { readDefinitionText } from './read-text.ts';
import { usedFilesOf, type UseOutsideOption } from './read-used-files.ts';
import type { DefinitionProblem } from '@coppice/definition';
import colors from 'picocolors';

/** Undefined when the file has problems that show before it is submitted; they have been shown, with all that a server finds beside them. */
export async function readDefinition(
  context: CommandContext,
  file: string,
  options: UseOutsideOption,
): Promise<Definition | undefined> {
  const parsed = await readFiles(await readDefinitionText(file), file, usedFilesOf(file, options));
  if (parsed.ok) return parsed.definition;
  const found = parsed.rest === undefined ? [] : await askServer(context, parsed.rest);
  showProblems(file, inOrder([...parsed.problems, ...found], file), context.output);
  return undefined;
}

/**
 * The folder that relative paths of a definition start from: that of its file; for standard input the working directory. A server on
 * another machine has other files, so its own folder stands there.
 */
export function folderOf({ settings }: CommandContext, file: string): { readonly baseDir?: string } {
  if (settings.server !== undefined && !isLoopbackUrl(settings.server)) return {};
  return { baseDir: file === '-' ? process.cwd() : dirname(resolve(file)) };
}

/** What only the server can tell: references, cycles, executors and their inputs. */
export async function askServer(
  { open }: CommandContext,
  definition: Definition,
): Promise<readonly DefinitionProblem[]> {
  const { client } = await open('none');
  const result = await client.call('tasks.validate', { ...definition.params, reidentify: true });
  return 'errors' in result && !result.valid ? definition.problemsOf(result.errors) : [];
}

/** Every problem on a line of its own, as compilers write it. */
export function showProblems(file: string, problems: readonly DefinitionProblem[], output: Output): void {
  if (output.isJson) {
    output.json({ valid: false, file, problems });
    return;
  }
  const places = problems.map(formatProblem);
  process.stderr.write(`${withoutControls(places.map(paintPlace).join('\n'))}\n`);
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  const where = problems.some((problem) => problem.file !== file) ? `${file} and the files that it uses` : file;
  process.stderr.write(`${colors.red('✗')} ${colors.red(`${count} in ${where}. Nothing was stored.`)}\n`);
}

function paintPlace(line: string): string {
  return line.replace(/^.*?:\d+:\d+:/, (place) => colors.bold(place));
}

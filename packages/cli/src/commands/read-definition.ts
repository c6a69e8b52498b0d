/** Reads a definition file for a command, and says all that is wrong with it. */
import { withoutControls } from '../output/harmless.ts';
import type { Output } from '../output/output.ts';
import { formatProblem, parseDefinition } from '@coppice/definition';
import type { Definition } from '@coppice/definition';
import { readDefinitionText } from './read-text.ts';
import type { DefinitionProblem } from '@coppice/definition';
import colors from 'picocolors';

/** Undefined when the file has problems that show without a server; they have been shown. */
export async function readDefinition(file: string, output: Output): Promise<Definition | undefined> {
  const result = parseDefinition(await readDefinitionText(file), file);
  if (result.ok) return result.definition;
  showProblems(file, result.problems, output);
  return undefined;
}

/** Every problem on a line of its own, as compilers write it. */
export function showProblems(file: string, problems: readonly DefinitionProblem[], output: Output): void {
  if (output.isJson) {
    output.json({ valid: false, file, problems });
    return;
  }
  const places = problems.map((problem) => formatProblem(file, problem));
  process.stderr.write(`${withoutControls(places.map(paintPlace).join('\n'))}\n`);
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  process.stderr.write(`${colors.red('✗')} ${colors.red(`${count} in ${file}. Nothing was stored.`)}\n`);
}

function paintPlace(line: string): string {
  return line.replace(/^.*?:\d+:\d+:/, (place) => colors.bold(place));
}

/** `coppice validate`: everything that is wrong with a definition file. */
import { isGroup } from '@coppice/client';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import { declarationLines } from './declaration-lines.ts';
import type { UseOutsideOption } from './read-used-files.ts';
import { askServer, readDefinition, showProblems } from './read-definition.ts';

export async function validate(context: CommandContext, file: string, options: UseOutsideOption): Promise<number> {
  const { output } = context;
  const definition = await readDefinition(context, file, options);
  if (definition === undefined) return ExitCode.Usage;
  const problems = await askServer(context, definition);
  if (problems.length > 0) {
    showProblems(file, problems, output);
    return ExitCode.Usage;
  }
  const { tasks } = definition.params;
  // Counts as people do: the group that stands for the file is no task.
  const count = Math.max(1, tasks.filter((task) => !isGroup(task) || task.parentId !== undefined).length);
  if (output.isJson) {
    output.json({ valid: true, file, taskCount: count });
    return ExitCode.Ok;
  }
  output.line(`${symbolOf('completed')} ${file} is valid: ${count} ${count === 1 ? 'task' : 'tasks'}.`);
  for (const line of declarationLines(definition.params.declares)) output.line(line);
  return ExitCode.Ok;
}

/** `coppice validate`: everything that is wrong with a definition file. */
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import { readDefinition, showProblems } from './read-definition.ts';

export async function validate({ output, open }: CommandContext, file: string): Promise<number> {
  const definition = await readDefinition(file, output);
  if (definition === undefined) return ExitCode.Usage;
  const { client } = await open('none');
  const result = await client.call('tasks.validate', { ...definition.params, reidentify: true });
  if ('errors' in result && !result.valid) {
    showProblems(file, definition.problemsOf(result.errors), output);
    return ExitCode.Usage;
  }
  const count = definition.params.tasks.length;
  if (output.isJson) output.json({ valid: true, file, taskCount: count });
  else output.line(`${symbolOf('completed')} ${file} is valid: ${count} ${count === 1 ? 'task' : 'tasks'}.`);
  return ExitCode.Ok;
}

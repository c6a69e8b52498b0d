/** `coppice validate`: everything that is wrong with a definition file. */
import type { CommandContext } from '../context.ts';
import { inOrder, parseDefinition } from '@coppice/definition';
import { readDefinitionText } from './read-text.ts';
import type { Definition } from '@coppice/definition';
import type { DefinitionProblem } from '@coppice/definition';
import { ExitCode } from '../output/exit-code.ts';
import { symbolOf } from '../output/theme.ts';
import { showProblems } from './read-definition.ts';

export async function validate(context: CommandContext, file: string): Promise<number> {
  const { output } = context;
  const parsed = parseDefinition(await readDefinitionText(file), file);
  const definition = parsed.ok ? parsed.definition : parsed.rest;
  const found = definition === undefined ? [] : await askServer(context, definition);
  const problems = parsed.ok ? found : inOrder([...parsed.problems, ...found]);
  if (problems.length > 0 || definition === undefined) {
    showProblems(file, problems, output);
    return ExitCode.Usage;
  }
  const count = definition.params.tasks.length;
  if (output.isJson) output.json({ valid: true, file, taskCount: count });
  else output.line(`${symbolOf('completed')} ${file} is valid: ${count} ${count === 1 ? 'task' : 'tasks'}.`);
  return ExitCode.Ok;
}

/** What only the server can tell: references, cycles, executors and their inputs. */
async function askServer({ open }: CommandContext, definition: Definition): Promise<readonly DefinitionProblem[]> {
  const { client } = await open('none');
  const result = await client.call('tasks.validate', { ...definition.params, reidentify: true });
  return 'errors' in result && !result.valid ? definition.problemsOf(result.errors) : [];
}

/** `coppice run --dry-run`: the plan of a run, made by the rules themselves in a store that is gone afterwards. */
import type { Params } from '@coppice/protocol';
import colors from 'picocolors';
import type { CommandContext } from '../context.ts';
import { oneLine } from '../live/task-text.ts';
import { ExitCode } from '../output/exit-code.ts';
import { tableLines } from '../output/table.ts';
import { planOf } from './plan.ts';
import type { PlannedTask } from './plan.ts';

export async function showPlan({ output, open }: CommandContext, submission: Params<'tasks.execute'>): Promise<number> {
  const { client } = await open('plan');
  const { treeId } = await client.call('tasks.execute', submission);
  const { items: events } = await client.tasks.events({ treeId, limit: 2 });
  const tasks = planOf(events);
  const [created] = events;
  const name = created?.type === 'TreeCreated' ? created.data.definition.tasks[0]?.name : undefined;
  const stages = tasks.at(-1)?.stage ?? 0;
  if (output.isJson) {
    output.json({ name: name ?? null, stages, tasks });
    return ExitCode.Ok;
  }
  const count = `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} in ${stages} ${stages === 1 ? 'stage' : 'stages'}`;
  output.line(`${colors.bold(oneLine(name ?? ''))}: ${count}. Nothing is run.`);
  const lines = tableLines(
    tasks,
    [
      { title: 'STAGE', value: (task) => String(task.stage), align: 'right' },
      { title: 'TASK', value: placeText },
      { title: 'EXECUTOR', value: (task) => oneLine(task.executor) },
      { title: 'AFTER', value: (task) => task.after.map((text) => oneLine(text)).join(', '), shrinks: true },
    ],
    { width: output.columns },
  );
  for (const line of lines) output.line(line);
  return ExitCode.Ok;
}

function placeText({ groups, key, name }: PlannedTask): string {
  const label = name === key ? oneLine(name) : `${oneLine(name)} (${oneLine(key)})`;
  return [...groups.map((text) => oneLine(text)), label].join(' › ');
}

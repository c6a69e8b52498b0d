/** What a task is there for beside the normal work of its run, in words. */
import type { TaskView } from './run-view.ts';

/** `compensation` or `clean-up`, and `fallback` for one whose fallback does or did its work. Most tasks have none. */
export function roleWords({ definition, port }: Pick<TaskView, 'definition' | 'port'>): readonly string[] {
  const words: string[] = [];
  if (definition.compensates !== undefined) words.push('compensation');
  else if (definition.finally === true) words.push('clean-up');
  if (port === 'fallback' && definition.fallback !== undefined) words.push('fallback');
  return words;
}

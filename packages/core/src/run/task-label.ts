/** How messages name a task. */
import type { TaskState } from './state.ts';

/** The name, with the key behind it where that is another text. */
export function labelOf({ definition: { name, key } }: TaskState): string {
  return name === key ? name : `${name} (${key})`;
}

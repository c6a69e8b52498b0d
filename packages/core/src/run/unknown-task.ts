/** The refusal of a command for tasks that a tree has not. */
import { refuse, type RefusedOutcome } from '../errors/rejection.ts';
import type { RunState } from './state.ts';

/** `named`: what was asked for, as a message shows it. */
export function unknownTask({ treeId }: RunState, named: string | undefined): RefusedOutcome {
  return refuse('task/not-found', `There is no task ${named} in tree ${treeId}`);
}

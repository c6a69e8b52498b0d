/** `when` of a task: an expression over what its inputs may read, asked once its dependencies are met. When it is false the task is skipped. */
import type { TaskError } from '@coppice/extension';
import { describeReads, faultCodeOf, shown } from './conditions.ts';
import type { Draft } from './draft.ts';
import type { SkipReason } from './event.ts';
import { plainScope, readableScope } from './task-expressions.ts';
import type { TaskState } from './state.ts';

/** What `when` says: the task may start, is skipped, or fails because that can not be worked out. */
export type Verdict = 'go' | { readonly skip: SkipReason } | { readonly fault: TaskError };

export function judgeWhen(draft: Draft, task: TaskState): Verdict {
  const when = task.definition.when as string;
  const { expressions } = draft.context;
  try {
    const value = expressions.evaluate(when, readableScope(draft, task), draft.use);
    if (value === true) return 'go';
    if (value === false) return { skip: whyNot(draft, task, when) };
    throw new Error(`it is ${shown(value)}, neither true nor false`);
  } catch (error) {
    return { fault: faultOf(task, when, error as Error) };
  }
}

function whyNot(draft: Draft, task: TaskState, when: string): SkipReason {
  const values = describeReads(when, plainScope(draft, task), draft.context.expressions);
  return { code: 'when', message: `when \`${when}\` was false${values}`, tasks: [] };
}

function faultOf({ definition: { name } }: TaskState, when: string, error: Error): TaskError {
  return {
    code: faultCodeOf(error),
    message: `when \`${when}\` of ${name} can not be worked out: ${error.message}. Mend it in a copy of the tree`,
    retryable: false,
    data: { when },
  };
}

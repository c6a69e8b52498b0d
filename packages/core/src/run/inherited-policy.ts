/** Policies that members inherit from the groups around them: the nearest wins (R-RT-01, R-TO-01). Costs O(depth). */
import type { TaskPolicies } from '../task/task.ts';
import type { RunState, TaskState } from './state.ts';

/** Policies of attempts, which groups have none of, and what is compensated. */
export type InheritedPolicy = 'retry' | 'timeoutMs' | 'heartbeatTimeoutMs' | 'queueTimeoutMs' | 'compensation';

/** The policy that holds for a task: its own, else that of the nearest group around it that has one, else the run's. */
export function policyOf<Name extends InheritedPolicy>(
  { policies }: RunState,
  task: TaskState,
  name: Name,
): TaskPolicies[Name] | undefined {
  for (let at: TaskState | undefined = task; at !== undefined; at = at.scope.owner) {
    const own = at.definition.policies[name];
    if (own !== undefined) return own;
  }
  return (policies as TaskPolicies)[name];
}

/** Tasks whose activation rule can not hold any more: how a message describes their dead edges, and when such a task fails. */
import type { TaskError } from '@coppice/extension';
import { inWords } from '../task/status.ts';
import { conditionFault, describeFalse, endingOfState, type ConditionContext } from './conditions.ts';
import { deadBy } from './edges.ts';
import type { DeadEdge, SkipReason } from './event.ts';
import { labelOf } from './task-label.ts';
import { isAfterTaken, whyAfter } from './route-first.ts';
import type { Edge, TaskState } from './state.ts';

/** Most dead edges that a reason names. */
const NAMED_MAX = 3;

/** The fault of the first condition whose evaluation failed; undefined: there is none. */
export function faultBehind(task: TaskState, judging: ConditionContext): TaskError | undefined {
  for (const edge of task.incoming) {
    if (edge.status !== 'dead' || filterOf(edge, judging) !== 'condition') continue;
    const fault = conditionFault(edge, judging);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Which filter stopped a dead edge; undefined: the edge was disabled. */
export function filterOf(edge: Edge, judging: ConditionContext): DeadEdge['because'] | undefined {
  if (!edge.dependency.enabled) return undefined;
  const ending = endingOfState(edge.source);
  return isAfterTaken(edge, judging) ? whyAfter(edge, ending) : deadBy(edge, ending);
}

/** Why a task is skipped: each dead edge with the filter that stopped it and the value that the filter saw. */
export function unmetReason(task: TaskState, judging: ConditionContext): SkipReason {
  const dead = task.incoming.filter((edge) => edge.status === 'dead');
  const named = [...new Set(dead.slice(0, NAMED_MAX + 1).map((edge) => describe(edge, judging)))].slice(0, NAMED_MAX);
  if (dead.length > named.length && dead.length > NAMED_MAX) named.push(`${dead.length - named.length} more`);
  return {
    code: 'dependency',
    message: `The dependencies can no longer be met: ${named.join('; ')}`,
    tasks: [...new Set(dead.map(({ source }) => source.id))],
  };
}

function describe(edge: Edge, judging: ConditionContext): string {
  const { dependency, source } = edge;
  const ended = `${labelOf(source)} ${inWords(source.status)}`;
  if (!dependency.enabled) return `the dependency on ${labelOf(source)} is disabled`;
  switch (filterOf(edge, judging)) {
    case 'port':
      return `${ended} on ${portName(source.port)}, and the dependency waits for ${portName(dependency.port)}`;
    case 'first':
      return `${ended}, and the first of its dependents that may go on is another`;
    case 'fatal':
      return `${ended} and ended the run`;
    case 'condition':
      return `${labelOf(source)}: ${describeFalse(edge, judging)}`;
    default:
      return dependency.on.length === 1 && dependency.on[0] === 'success'
        ? ended
        : `${ended}, and the dependency waits for ${dependency.on.join(' or ')}`;
  }
}

function portName(port: string | undefined): string {
  return port === undefined ? 'its primary port' : `port '${port}'`;
}

/** What became of an edge and why, for whoever asks about a run. Nothing is decided here. */
import { noExpressionUse } from '../ports/expressions.ts';
import { isTerminal } from '../task/status.ts';
import type { DecideContext } from './command.ts';
import { conditionFault, conditionValues, type ConditionContext, type ReadValue } from './conditions.ts';
import type { DeadEdge } from './event.ts';
import type { Edge, EdgeStatus } from './state.ts';
import { filterOf } from './unmet.ts';

export interface EdgeDecision {
  readonly status: EdgeStatus;
  /** Set exactly for a dead edge: the filter that stopped it. */
  readonly because?: DeadEdge['because'];
  /** What the condition has read, if it was asked. Absent: there is no condition, or its source has not ended, or another filter decided. */
  readonly values?: readonly ReadValue[];
  /** Why the evaluation of the condition failed. */
  readonly fault?: string;
}

/** The decision about an edge, as the state of its source shows it. Evaluates its condition only where that is in doubt. */
export function edgeDecision(edge: Edge, context: DecideContext): EdgeDecision {
  const { status, source } = edge;
  if (status === 'open') return { status };
  const judging: ConditionContext = { context, use: noExpressionUse(), judged: undefined };
  const because = status === 'fired' ? undefined : (filterOf(edge, judging) ?? 'disabled');
  const wasAsked = isTerminal(source.status) && (because === undefined || because === 'condition');
  const values = wasAsked && edge.dependency.required ? conditionValues(edge, judging) : [];
  const fault = because === 'condition' ? conditionFault(edge, judging)?.message : undefined;
  return {
    status,
    ...(because === undefined ? {} : { because }),
    ...(values.length === 0 ? {} : { values }),
    ...(fault === undefined ? {} : { fault }),
  };
}

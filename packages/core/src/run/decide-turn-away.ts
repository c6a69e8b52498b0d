/** Starts that a breaker keeps back and that do not wait for it: the fallback of the task takes its place, or the task fails (R-SG-11). No attempt is used. */
import type { TaskError } from '@coppice/extension';
import type { BreakerReport } from '../schedule/breaker-state.ts';
import { breakerData, breakerText } from './breaker-text.ts';
import type { RunCommand } from './command.ts';
import type { Draft, Refusal } from './draft.ts';
import { end } from './end.ts';
import { fallBack, fallbackFailed } from './fallback.ts';
import { BREAKER_OPEN, isFallingBack } from './falling-back.ts';
import { findPause } from './pauses.ts';
import type { TaskState } from './state.ts';

type TurnAwayCommand = Extract<RunCommand, { readonly type: 'turnAway' }>;

export function decideTurnAway(draft: Draft, { taskIds, instead, breaker, report }: TurnAwayCommand): Refusal {
  for (const id of taskIds) {
    const task = draft.run.byId.get(id);
    if (task?.status !== 'ready' || findPause(draft.run, task) !== undefined) continue;
    const error = turnedAway(task, breaker, report);
    if (instead === 'fallback' && !isFallingBack(task)) fallBack(draft, task, error);
    else end(draft, task, { status: 'failed', error: isFallingBack(task) ? fallbackFailed(task, error) : error });
    if (draft.context.isTurnOver?.() === true) break;
  }
  return undefined;
}

function turnedAway({ definition }: TaskState, gate: string, report: BreakerReport): TaskError {
  return {
    code: BREAKER_OPEN,
    message: `${definition.name} was not started: ${breakerText(gate, report)}. Wait until it has closed, or reset it with: coppice limits reset ${gate}`,
    retryable: false,
    data: breakerData(gate, report),
  };
}

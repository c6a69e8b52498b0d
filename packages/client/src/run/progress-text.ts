/** How far something is, in words: the tasks below a group, and the time that is left. */
import type { Progress } from '@coppice/protocol';
import type { RunView, Tally, TaskView } from './run-view.ts';
import { durationText } from './time-text.ts';

/** What the time that is left was worked out from, for people. */
const BASES: Readonly<Record<NonNullable<RunView['eta']>['basis'], string>> = {
  work: 'all work',
  criticalPath: 'longest chain',
};

/** The estimate of a run's progress, as the view of the run keeps it. */
export function estimateOf({ etaMs, etaBasis }: Pick<Progress, 'etaMs' | 'etaBasis'>, atMs: number): RunView['eta'] {
  return etaMs === null || etaBasis === null ? undefined : { etaMs, atMs, basis: etaBasis };
}

/** Whole percent, 0 to 100; 100 only when all have ended. */
export function percentOf({ total, ended }: Pick<Tally, 'total' | 'ended'>): number {
  return total === 0 ? 0 : Math.floor((ended / total) * 100);
}

/** Whole percent of a run that goes on, as its author counts its tasks: a root that holds the others is none. */
export function runPercent({ fraction, total }: Pick<Progress, 'fraction' | 'total'>): number {
  return percentOf({
    total: Math.max(1, total - 1),
    ended: Math.min(Math.max(1, total - 1), Math.round(fraction * total)),
  });
}

/** `4/10 (40 %), 1 failed`; `10/10` at the end; empty for a task with nothing below it. */
export function membersText({ inside }: Pick<TaskView, 'inside'>): string {
  const { total, ended, failed } = inside;
  if (total === 0) return '';
  const percent = ended === total ? '' : ` (${percentOf(inside)} %)`;
  return `${ended}/${total}${percent}${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** `~8s left (longest chain)`; empty while nothing is known, and in the last second. */
export function leftText({ eta }: Pick<RunView, 'eta'>, nowMs: number): string {
  const leftMs = eta === undefined ? 0 : eta.etaMs - (nowMs - eta.atMs);
  return eta === undefined || leftMs < 1000 ? '' : `~${durationText(leftMs)} left (${BASES[eta.basis]})`;
}

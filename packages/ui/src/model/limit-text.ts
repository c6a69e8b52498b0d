/** Gates and what they let pass, in words; and a limit as a person writes it. */
import { durationText } from '@coppice/client';
import type { Params, Result } from '@coppice/protocol';
import { oneLine } from './status-look.ts';

export type GateReport = Result<'limits.get'>['items'][number];
export type SetLimit = Params<'limits.set'>['limit'];

/** Gates whose capacity can be changed while the server runs. */
const CHANGEABLE = /^(global$|user:|executor:|lock:|resource:)/;

export function isChangeable({ gate }: Pick<GateReport, 'gate'>): boolean {
  return CHANGEABLE.test(gate);
}

/** `4 of 8`, `4 of any number`. */
export function useText({ used, limit }: Pick<GateReport, 'used' | 'limit'>): string {
  return `${used} of ${limit ?? 'any number'}`;
}

/** `12, oldest 5.2s`; `none`. */
export function waitingText({ waiting, oldestWaitMs }: Pick<GateReport, 'waiting' | 'oldestWaitMs'>): string {
  if (waiting === 0) return 'none';
  return oldestWaitMs === null ? String(waiting) : `${waiting}, oldest ${durationText(oldestWaitMs)}`;
}

/** `next place in 2s`; empty when none becomes free by time alone. */
export function freeText({ freeAt }: Pick<GateReport, 'freeAt'>, nowMs: number): string {
  return freeAt === null ? '' : `next place in ${durationText(Math.max(Date.parse(freeAt) - nowMs, 0))}`;
}

/** `1. fetch in report, for 5.2s`. */
export function waiterText({ place, name, treeName, waitMs }: GateReport['waiters'][number]): string {
  const where = `${place}. ${oneLine(name)} in ${oneLine(treeName)}`;
  return waitMs === null ? where : `${where}, for ${durationText(waitMs)}`;
}

/** `set by ann: the service is slow; configured: 8`; empty while the configuration holds. */
export function setLimitText({ set, configured }: Pick<GateReport, 'set' | 'configured'>): string {
  if (set === null) return '';
  const why = set.reason === null || set.reason === '' ? '' : `: ${oneLine(set.reason)}`;
  return `set by ${oneLine(set.by.userId)}${why}; configured: ${configured ?? 'any number'}`;
}

/** A number, `unlimited` or `configured`; undefined: it is none of these. */
export function parseLimit(text: string): SetLimit | undefined {
  const given = text.trim().toLowerCase();
  if (given === 'unlimited' || given === 'configured') return given;
  return /^\d+(\.\d+)?$/.test(given) ? Number(given) : undefined;
}

export const LIMIT_HINT =
  'A number; 0 lets nothing start. “unlimited”, or “configured” for what the configuration says.';

/** What became of a dependency, and what a run holds at a gate, in words. */
import type { Graph } from '@coppice/protocol';
import { oneLine } from './status-look.ts';

type Edge = Graph['items'][number]['edges'][number];
type Gate = Graph['gates'][number];

const BECAUSE: Readonly<Record<NonNullable<Edge['because']>, string>> = {
  trigger: 'it ended in a way that this does not wait for',
  port: 'it ended on another port',
  condition: 'the condition is false',
  first: 'another dependent took the way',
  disabled: 'the dependency is disabled',
  fatal: 'it ended the whole run',
};

/** `led here`, `not decided yet`, `does not lead here: the condition is false: output.failed == 0 (output.failed is 3)`. */
export function edgeText({ status, because, condition, values = [], fault }: Edge): string {
  if (status === 'open') return 'not decided yet';
  const asked = condition === null ? '' : `: ${oneLine(condition)}${readText(values)}`;
  if (status === 'fired') return `led here${asked}`;
  if (fault !== undefined) return `does not lead here: the condition can not be worked out: ${oneLine(fault)}`;
  const why = because === undefined ? '' : `: ${BECAUSE[because]}`;
  return `does not lead here${why}${because === 'condition' ? asked : ''}`;
}

function readText(values: NonNullable<Edge['values']>): string {
  if (values.length === 0) return '';
  return ` (${values.map(({ read, value }) => `${oneLine(read)} is ${oneLine(value)}`).join(', ')})`;
}

/** `executor:http: 2 of 4 held, 4 used by all runs, 3 waiting`. */
export function gateText({ gate, held, limit, closedTo, used, waiting = 0 }: Gate): string {
  if (closedTo > 0 && limit === 0) return `${oneLine(gate)}: closed to ${closedTo}`;
  const all = used === undefined ? '' : `, ${used} used by all runs, ${waiting} waiting`;
  return `${oneLine(gate)}: ${held} of ${limit} held${all}`;
}

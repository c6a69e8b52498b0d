/** Durations of a definition file: with a unit, and then without the suffix that the wire has. */
import { parseDuration } from '@coppice/extension';
import type { FilePath } from './definition-source.ts';
import { isFields, type Fields } from './fields.ts';
import { below, type Origins, type Place } from './place.ts';
import type { BuildProblem } from './build-state.ts';

/** Fields of policies that hold a duration, without their suffix. */
export const DURATION_FIELDS = [
  'timeout',
  'heartbeatTimeout',
  'totalTimeout',
  'queueTimeout',
  'runTimeout',
  'delay',
  'maxDelay',
  'maxElapsed',
  'for',
  'reminder',
  'openFor',
  'window',
] as const;

const durationFields: ReadonlySet<string> = new Set(DURATION_FIELDS);

/** Inputs in which fields named `ms`, or ending in `Ms`, may have a unit. Nothing else is touched. */
export function inputsOf(inputs: unknown): unknown {
  if (!isFields(inputs)) return inputs;
  return Object.fromEntries(Object.entries(inputs).map(([field, value]) => [field, inputDuration(field, value)]));
}

function inputDuration(field: string, value: unknown): unknown {
  return /(^ms|Ms)$/.test(field) && typeof value === 'string' ? (parseDuration(value) ?? value) : value;
}

export interface Move {
  readonly from: Place;
  readonly to: FilePath;
}

/** What is known of the file while it is built. */
interface Built {
  readonly origins: Origins;
  readonly problems: BuildProblem[];
}

/** Maps in policies. */
const NESTED: ReadonlySet<string> = new Set(['retry', 'breaker']);

/** `retry` and `breaker` are the only maps in policies; the maps in a wait are values, in which nothing is touched. */
export function withDurations(built: Built, policies: unknown, move: Move): unknown {
  if (!isFields(policies)) return policies;
  const result: [string, unknown][] = [];
  for (const [field, value] of Object.entries(policies)) {
    const from = below(move.from, field);
    if (NESTED.has(field) && move.to.at(-1) === 'policies') {
      result.push([field, withDurations(built, value, { from, to: [...move.to, field] })]);
      continue;
    }
    // A window without a unit is a number of calls.
    const isShort = durationFields.has(field) && !(field === 'window' && typeof value === 'number');
    const target = isShort ? `${field}Ms` : field;
    if (isShort && Object.hasOwn(policies, target)) {
      built.problems.push({
        ...from,
        message: `"${field}" and "${target}" are the same field. Keep one.`,
        part: 'key',
      });
      continue;
    }
    built.origins.set([...move.to, target], from);
    result.push([target, isShort || field.endsWith('Ms') ? duration(built, value, { from, isShort }) : value]);
  }
  return Object.fromEntries(result) satisfies Fields;
}

function duration(
  built: Built,
  value: unknown,
  { from, isShort }: { readonly from: Place; readonly isShort: boolean },
): unknown {
  if (typeof value === 'string') {
    if (value.includes('${{')) return value;
    const ms = parseDuration(value);
    if (ms !== undefined) return ms;
    const message = `${JSON.stringify(value)} is no duration. Write for example 250ms, 30s, 5m or 1h30m.`;
    built.problems.push({ ...from, message });
    return 0;
  }
  if (isShort && typeof value === 'number' && value !== 0) {
    const field = String(from.path.at(-1));
    built.problems.push({ ...from, message: `${value} has no unit. Write ${value}s, or "${field}Ms: ${value}".` });
  }
  return value;
}

/** Definitions of tasks as events and answers show them. */
import type { Given, Multiplier, SettledOutcome, TaskDefinition } from '@coppice/core';
import type * as Wire from '@coppice/protocol';
import { isoTime } from './time.ts';

/** The wire says by the executor what a task is for. */
export function definitionToWire({
  kind: _kind,
  notBeforeMs,
  settled,
  outputTemplate,
  multiplier,
  ...rest
}: TaskDefinition): object {
  return {
    ...rest,
    ...(multiplier === undefined ? {} : { multiplier: multiplierToWire(multiplier) }),
    ...(outputTemplate === undefined ? {} : { output: outputTemplate }),
    ...(notBeforeMs === undefined ? {} : { notBefore: isoTime(notBeforeMs) }),
    ...(settled === undefined ? {} : { settled: settledToWire(settled) }),
  };
}

function settledToWire({ startedAtMs, endedAtMs, ...rest }: SettledOutcome): object {
  return {
    ...rest,
    ...(startedAtMs === undefined ? {} : { startedAt: isoTime(startedAtMs) }),
    ...(endedAtMs === undefined ? {} : { endedAt: isoTime(endedAtMs) }),
  };
}

export function multiplierToWire({ body, ...fields }: Multiplier): NonNullable<Wire.Task['multiplier']> {
  return { ...fields, body: body.map(definitionToWire) } as NonNullable<Wire.Task['multiplier']>;
}

export function givenToWire({ values, secrets, cut }: Given): NonNullable<Wire.Task['given']> {
  return {
    values,
    ...(secrets === undefined ? {} : { secrets: structuredClone(secrets) as never }),
    ...(cut === undefined ? {} : { cut: structuredClone(cut) as never }),
  };
}

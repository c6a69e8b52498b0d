/** Events of the wire as they are stored: the opposite of `eventToWire`. Whoever calls this has checked them with their schema. */
import { kindOf } from '@coppice/core';
import type { RunEvent, SettledOutcome, TaskDefinition } from '@coppice/core';
import type * as Wire from '@coppice/protocol';
import { timesFromWire } from './event-times.ts';

type WireDefinition = Wire.EventOf<'TaskUpdated'>['data']['definition'];

export function eventFromWire({ type, seq, at, actor, ...event }: Wire.RunEvent): RunEvent {
  return {
    type,
    seq,
    atMs: Date.parse(at),
    taskId: 'taskId' in event ? event.taskId : undefined,
    attempt: 'attempt' in event ? event.attempt : undefined,
    ...(actor === undefined ? {} : { actor }),
    data: dataFromWire({ type, ...event } as Wire.RunEvent),
  } as unknown as RunEvent;
}

function dataFromWire({ type, data }: Wire.RunEvent): object {
  switch (type) {
    case 'TreeCreated': {
      const { definition } = data;
      return { ...data, definition: { ...definition, tasks: definition.tasks.map(definitionFromWire) } };
    }
    case 'TaskUpdated':
      return { ...data, definition: definitionFromWire(data.definition) };
    case 'TaskOpened': {
      const { added, ...rest } = data;
      return timesFromWire(added === undefined ? rest : { ...rest, added: added.map(definitionFromWire) });
    }
    default:
      return timesFromWire(data);
  }
}

function definitionFromWire({ notBefore, settled, output, multiplier, ...rest }: WireDefinition): TaskDefinition {
  return {
    ...rest,
    kind: kindOf(rest),
    ...(multiplier === undefined
      ? {}
      : {
          multiplier: {
            ...multiplier,
            body: multiplier.body.map((task) => definitionFromWire(task as unknown as WireDefinition)),
          },
        }),
    ...(output === undefined ? {} : { outputTemplate: output }),
    ...(notBefore === undefined ? {} : { notBeforeMs: Date.parse(notBefore) }),
    ...(settled === undefined ? {} : { settled: settledFromWire(settled) }),
  } as unknown as TaskDefinition;
}

function settledFromWire({ startedAt, endedAt, ...rest }: NonNullable<WireDefinition['settled']>): SettledOutcome {
  return {
    ...rest,
    ...(startedAt === undefined ? {} : { startedAtMs: Date.parse(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAtMs: Date.parse(endedAt) }),
  } as SettledOutcome;
}

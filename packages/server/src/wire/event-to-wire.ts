/** Stored events as the wire shows them: the same facts, with ISO times instead of epoch milliseconds. */
import { EVENT_VERSION } from '@coppice/core';
import type { RunEvent, TreeId } from '@coppice/core';
import type * as Wire from '@coppice/protocol';
import { definitionToWire } from './definition-to-wire.ts';
import { timesToWire } from './event-times.ts';
import { isoTime } from './time.ts';

export function eventToWire(treeId: TreeId, event: RunEvent): Wire.RunEvent {
  // Here the compiler compares: every type of event is one of the wire.
  const type: Wire.EventType = event.type;
  return {
    treeId,
    seq: event.seq,
    at: isoTime(event.atMs),
    v: EVENT_VERSION,
    type,
    ...(event.taskId === undefined ? {} : { taskId: event.taskId }),
    ...(event.attempt === undefined || event.attempt < 1 ? {} : { attempt: event.attempt }),
    ...(event.actor === undefined ? {} : { actor: event.actor }),
    data: dataToWire(event),
  } as Wire.RunEvent;
}

/** The payload as the schema of its type has it; the union can not be followed field by field, the tests check it. */
function dataToWire(event: RunEvent): object {
  switch (event.type) {
    case 'TreeCreated': {
      const { definition } = event.data;
      return { ...event.data, definition: { ...definition, tasks: definition.tasks.map(definitionToWire) } };
    }
    case 'TaskUpdated':
      return { ...event.data, definition: definitionToWire(event.data.definition) };
    case 'TaskOpened': {
      const { added, ...rest } = event.data;
      return timesToWire(added === undefined ? rest : { ...rest, added: added.map(definitionToWire) });
    }
    default:
      return timesToWire(event.data);
  }
}

/** What an append says, in lines for the history of a simulation. */
import { holdGate, type StreamAppend } from '@coppice/core';

export function linesOf(batch: readonly StreamAppend[]): readonly string[] {
  return batch.flatMap((part) => {
    switch (part.kind) {
      case 'engine':
        return part.events.map((event) =>
          event.type === 'LimitSet'
            ? `the engine: ${event.data.gate} is set to ${event.data.limit}`
            : `the engine: ${event.type} ${holdGate(event.data.target)}`,
        );
      case 'treeRemoval':
        return [`${part.treeId} is removed`];
      case 'tree':
        return part.events.map(({ seq, type, taskId, attempt }) => {
          const task = taskId === undefined ? '' : ` ${taskId}`;
          return `${part.tree.treeId} ${seq} ${type}${task}${attempt === undefined ? '' : `/${attempt}`}`;
        });
    }
  });
}

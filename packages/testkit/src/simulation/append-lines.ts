/** What an append says, in lines for the history of a simulation. */
import { holdGate, type StreamAppend } from '@coppice/core';

export function linesOf(batch: readonly StreamAppend[]): readonly string[] {
  return batch.flatMap((part) => {
    switch (part.kind) {
      case 'engine':
        return part.events.map(({ type, data }) => `the engine: ${type} ${holdGate(data.target)}`);
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

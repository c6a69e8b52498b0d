/** What an append says, in lines for the history of a simulation. */
import { holdGate, type EngineEvent, type StreamAppend } from '@coppice/core';

export function linesOf(batch: readonly StreamAppend[]): readonly string[] {
  return batch.flatMap((part) => {
    switch (part.kind) {
      case 'engine':
        return part.events.map((event) => `the engine: ${lineOf(event)}`);
      case 'treeRemoval':
        return [`${part.treeId} is removed`];
      case 'tree':
        return part.events.map(({ seq, type, taskId, attempt, data }) => {
          const task = taskId === undefined ? '' : ` ${taskId}`;
          const error = 'error' in data ? ` ${data.error.code}` : '';
          return `${part.tree.treeId} ${seq} ${type}${task}${attempt === undefined ? '' : `/${attempt}`}${error}`;
        });
    }
  });
}

function lineOf({ type, data }: EngineEvent): string {
  if ('gate' in data) return `${data.gate} is set to ${JSON.stringify(data.limit)}`;
  return `${type} ${'breaker' in data ? data.breaker : holdGate(data.target)}`;
}

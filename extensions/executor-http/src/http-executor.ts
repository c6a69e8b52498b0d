import type { Executor } from '@coppice/core';
export function createHttpExecutor(): Executor {
  return { type: 'http', description: 'Sends an HTTP request.', effects: 'external', execute: () => null };
}

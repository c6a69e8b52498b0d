import { RpcError } from '@coppice/client';
import { expect, it } from 'vitest';
import { errorText, isBusy } from './error-text.ts';

const refused = (code: string, data: object) =>
  new RpcError('tasks.get', { code: -32000, message: 'refused', data: { code, ...data } });

it('tells a server that is busy from one that refuses', () => {
  expect(isBusy(refused('limit/refused', { limit: 64, retryAfterMs: 1000 }))).toBe(true);
  expect(isBusy(refused('limit/refused', { limit: 10_000 }))).toBe(false);
  expect(isBusy(refused('task/not-found', { retryAfterMs: 1 }))).toBe(false);
  expect(isBusy(new Error('The server is busy'))).toBe(false);
});

it('says each violation once', () => {
  const errors = [{ path: ['tasks', 0], reason: 'no name' }];
  expect(errorText(refused('rpc/invalid-params', { errors }))).toBe('refused\ntasks.0: no name');
});

import { RpcError } from '@coppice/client';
import type { Client } from '@coppice/client';
import { expect, it } from 'vitest';
import { inputsToAsk, refusedForInputs } from './declared-values.ts';

const declared = {
  region: { type: 'string', required: true },
  size: { default: 'm', required: true },
  note: {},
} as const;

it('asks for everything without a value when something that is required has none', () => {
  expect(inputsToAsk({ declared, given: { size: 'l', note: null } })).toEqual(['region', 'note']);
  expect(inputsToAsk({ declared, given: { region: 'eu' } })).toEqual([]);
  expect(inputsToAsk({ declared: {}, given: {} })).toEqual([]);
});

it('finds what a stored tree declares when its execution was refused because of it', async () => {
  const refusal = (code: string): RpcError =>
    new RpcError('tasks.execute', { code: -32602, message: 'no', data: { code } });
  const client = {
    tasks: {
      get: () => Promise.resolve({ treeId: 't' }),
      events: () =>
        Promise.resolve({
          items: [
            { type: 'TreeCreated', data: { definition: { declares: { inputs: declared }, inputs: { size: 'm' } } } },
          ],
        }),
    },
  } as unknown as Client;
  expect(await refusedForInputs(client, 't', refusal('task/invalid-inputs'))).toEqual({
    declared,
    given: { size: 'm' },
  });
  expect(await refusedForInputs(client, 't', refusal('task/not-found'))).toBeUndefined();
  expect(await refusedForInputs(client, 't', new Error('x'))).toBeUndefined();
});

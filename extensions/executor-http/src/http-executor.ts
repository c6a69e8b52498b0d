/** The executor `http`: sends one request and answers the response. */
import type { Executor } from '@coppice/extension';
import type { AddressGuard } from './guarded-connector.ts';
import type { HttpClient } from './http-client.ts';
import { actsAsServer } from './acts-as-server.ts';
import { httpInputSchema, httpOutputSchema, type HttpInput } from './http-input.ts';

/** `guard` changes what `allowPrivateAddresses: false` means. */
export function createHttpExecutor(guard: AddressGuard = {}): Executor {
  let client: Promise<HttpClient> | undefined;
  // The HTTP library takes a while to load, and most trees need none.
  const openClient = async (): Promise<HttpClient> => {
    const { createHttpClient } = await import('./http-client.ts');
    return createHttpClient(guard);
  };
  return {
    type: 'http',
    description: 'Sends an HTTP request.',
    effects: 'external',
    onCrash: 'retry',
    actsAsServer,
    input: httpInputSchema,
    output: httpOutputSchema,
    example: {
      url: 'https://api.example.org/items',
      method: 'POST',
      body: { json: { name: 'first' } },
      auth: { bearer: '${{ secrets.apiToken }}' },
    },
    async execute(input, ctx) {
      client ??= openClient();
      return (await client).send(input as unknown as HttpInput, ctx);
    },
    async close() {
      await (await client)?.close();
    },
  };
}

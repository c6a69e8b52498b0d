/** An HTTP server over a given engine, on a free port of this machine. */
import type { Engine } from '@coppice/engine';
import { createAuthenticate } from '../access/authenticate.ts';
import type { TokenOwner } from '../access/authenticate.ts';
import { LOCAL_OWNER } from '../rpc/caller.ts';
import { bench } from '../rpc/dispatcher.fixture.ts';
import type { Bench } from '../rpc/dispatcher.fixture.ts';
import { createHttp } from './http.ts';
import type { HttpOptions, TransportLimits } from './shared-wire.ts';

export const OWNER_TOKEN = 'owner-token-of-the-tests';
export const ANN_TOKEN = 'token-of-ann-in-the-tests';

const owners: readonly TokenOwner[] = [
  { token: OWNER_TOKEN, principal: LOCAL_OWNER },
  { token: ANN_TOKEN, principal: { userId: 'ann', role: 'user' } },
];

export interface HttpBench extends Bench {
  readonly app: Awaited<ReturnType<typeof createHttp>>;
  /** Listens and answers `host:port`. */
  readonly listen: () => Promise<string>;
}

export interface HttpBenchOptions {
  readonly noAuth?: boolean;
  readonly limits?: Partial<TransportLimits>;
  readonly guard?: Partial<HttpOptions['guard']>;
}

export async function httpBench(engine: Engine, options: HttpBenchOptions = {}): Promise<HttpBench> {
  const rpc = bench(engine);
  const app = await createHttp({
    dispatcher: rpc.dispatcher,
    engine,
    links: rpc.links,
    nowMs: rpc.nowMs,
    logger: rpc.logger,
    stopping: rpc.stop.signal,
    authenticate: createAuthenticate(options.noAuth === true ? 'noAuth' : owners),
    guard: { host: '127.0.0.1', allowedHosts: [], allowedOrigins: [], ...options.guard },
    limits: {
      bodyBytes: 10_000,
      connections: 10,
      subscriptionsPerConnection: 2,
      sendBufferBytes: 1_000_000,
      slowReaderMs: 10_000,
      ...options.limits,
    },
  });
  return {
    ...rpc,
    app,
    listen: async () => {
      await app.listen({ host: '127.0.0.1', port: 0 });
      const address = app.server.address();
      if (address === null || typeof address === 'string') throw new Error('not listening');
      return `127.0.0.1:${address.port}`;
    },
  };
}

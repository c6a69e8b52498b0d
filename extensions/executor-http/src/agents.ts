/** Keeps the connection pools: one for public addresses, one for all, and one of its own for each request with TLS options. */
import { Agent, interceptors, type Dispatcher } from 'undici';
import { buildGuardedConnector, type AddressGuard } from './guarded-connector.ts';
import type { HttpInput, HttpTls } from './http-input.ts';

export interface Agents {
  /** Runs `use` with the pool for these inputs. It follows the redirects of requests that set `maxRedirections`. */
  with<T>(input: HttpInput, use: (dispatcher: Dispatcher) => Promise<T>): Promise<T>;
  /** Ends all connections. */
  close(): Promise<void>;
}

interface Pool {
  readonly agent: Agent;
  /** The agent with what requests go through. */
  readonly dispatcher: Dispatcher;
}

export function createAgents(guard: AddressGuard): Agents {
  const shared = new Map<boolean, Pool>();
  const create = (isOpen: boolean, tls: HttpTls = {}): Agent =>
    new Agent({ connect: isOpen ? { ...toTlsOptions(tls) } : buildGuardedConnector(toTlsOptions(tls), guard) });
  return {
    async with(input, use) {
      const isOpen = input.allowPrivateAddresses ?? false;
      if (input.tls !== undefined) {
        const agent = create(isOpen, input.tls);
        try {
          return await use(withRedirects(agent));
        } finally {
          await agent.destroy();
        }
      }
      let pool = shared.get(isOpen);
      if (pool === undefined) {
        const agent = create(isOpen);
        pool = { agent, dispatcher: withRedirects(agent) };
        shared.set(isOpen, pool);
      }
      return use(pool.dispatcher);
    },
    async close() {
      const pools = [...shared.values()];
      shared.clear();
      await Promise.all(pools.map(({ agent }) => agent.destroy()));
    },
  };
}

function withRedirects(agent: Agent): Dispatcher {
  return agent.compose(interceptors.redirect({ throwOnMaxRedirect: true }));
}

function toTlsOptions({ ca, ...tls }: HttpTls): object {
  return { ...tls, ...(ca === undefined ? {} : { ca: [ca].flat() }) };
}

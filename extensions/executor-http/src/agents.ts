/** Keeps the connection pools: one for public addresses, one for all, and one of its own for each request with TLS options. */
import { Agent } from 'undici';
import { buildGuardedConnector, type AddressGuard } from './guarded-connector.ts';
import type { HttpInput, HttpTls } from './http-input.ts';

export interface Agents {
  /** Runs `use` with the pool for these inputs. */
  with<T>(input: HttpInput, use: (agent: Agent) => Promise<T>): Promise<T>;
  /** Ends all connections. */
  close(): Promise<void>;
}

export function createAgents(guard: AddressGuard): Agents {
  const shared = new Map<boolean, Agent>();
  const create = (isOpen: boolean, tls: HttpTls = {}): Agent =>
    new Agent({ connect: isOpen ? { ...toTlsOptions(tls) } : buildGuardedConnector(toTlsOptions(tls), guard) });
  return {
    async with(input, use) {
      const isOpen = input.allowPrivateAddresses ?? false;
      if (input.tls !== undefined) {
        const agent = create(isOpen, input.tls);
        try {
          return await use(agent);
        } finally {
          await agent.destroy();
        }
      }
      const agent = shared.get(isOpen) ?? create(isOpen);
      shared.set(isOpen, agent);
      return use(agent);
    },
    async close() {
      const agents = [...shared.values()];
      shared.clear();
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}

function toTlsOptions({ ca, ...tls }: HttpTls): object {
  return { ...tls, ...(ca === undefined ? {} : { ca: [ca].flat() }) };
}

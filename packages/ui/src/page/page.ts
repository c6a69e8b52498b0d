/** The web page: asks for a token where one is needed, then shows the trees of the server that it came from. */
import { createClient, RpcError, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { App } from './app.ts';
import type { AppOptions } from './app.ts';
import { askForToken } from './login.ts';

const TOKEN_KEY = 'coppice.token';
const CONNECT_TIMEOUT_MS = 5000;

/** Answers a client that the server has let in, and as what; undefined: it wants another token. Rejects when there is no server. */
async function connect(token: string | undefined): Promise<Pick<AppOptions, 'client' | 'role'> | undefined> {
  const client = createClient({ transport: webSocketTransport({ url: location.origin, token }), face: 'page' });
  try {
    const { role } = await client.system.info({}, { timeoutMs: CONNECT_TIMEOUT_MS });
    return { client, role };
  } catch (error) {
    const isRefused = client.state === 'failed' || (RpcError.is(error) && error.code === 'auth/unauthorized');
    await client.close();
    if (isRefused) return undefined;
    throw error;
  }
}

async function start(): Promise<void> {
  let token = sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  let problem: string | undefined;
  for (;;) {
    try {
      const connected = await connect(token);
      if (connected !== undefined) {
        if (token !== undefined) sessionStorage.setItem(TOKEN_KEY, token);
        const app = new App(document.body, { ...connected, leave: () => leave(connected.client, app) });
        return;
      }
      if (token !== undefined) problem = 'The server does not know this token.';
      sessionStorage.removeItem(TOKEN_KEY);
    } catch (error) {
      problem = `The server does not answer: ${error instanceof Error ? error.message : String(error)}`;
    }
    token = await askForToken(document.body, problem);
  }
}

/** Forgets the token. */
function leave(client: Client, app: App): void {
  sessionStorage.removeItem(TOKEN_KEY);
  app.dispose();
  void client.close();
  void start();
}

void start();

/** The web page: asks for a token where one is needed, then shows the trees of the server that it came from. */
import { createClient, RpcError, webSocketTransport } from '@coppice/client';
import type { Client } from '@coppice/client';
import { App } from './app.ts';
import { askForToken } from './login.ts';

const TOKEN_KEY = 'coppice.token';
const CONNECT_TIMEOUT_MS = 5000;

/** Answers a client that the server has let in; undefined: it wants another token. Rejects when there is no server. */
async function connect(token: string | undefined): Promise<Client | undefined> {
  const client = createClient({ transport: webSocketTransport({ url: location.origin, token }), face: 'page' });
  try {
    await client.system.info({}, { timeoutMs: CONNECT_TIMEOUT_MS });
    return client;
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
      const client = await connect(token);
      if (client !== undefined) {
        if (token !== undefined) sessionStorage.setItem(TOKEN_KEY, token);
        const app = new App(document.body, client, () => leave(client, app));
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

/**
 * The web page at `/`: six files that hold nothing secret, so they need no token; what they show does.
 *
 * Only these names are served, from memory: no path of a request ever reaches the file system.
 */
import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { refuse } from '../rpc/answer.ts';
import { refuseHttp } from './shared-wire.ts';
import type { Wire } from './shared-wire.ts';

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/layout.js': ['layout.js', 'text/javascript; charset=utf-8'],
  '/definition.js': ['definition.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
};

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Folders that may hold the page: beside the bundled command, and in the package that builds it. */
function folders(): readonly string[] {
  const beside = new URL('./page/', import.meta.url).href;
  try {
    return [beside, new URL('./', import.meta.resolve('@coppice/ui/page/index.html')).href];
  } catch {
    // The bundle has no packages to resolve.
    return [beside];
  }
}

export function serveWebPage(app: FastifyInstance, wire: Wire): void {
  const read = new Map<string, Promise<Buffer | undefined>>();
  for (const [url, [name, type]] of Object.entries(FILES)) {
    app.get(url, async (_request, reply): Promise<FastifyReply> => {
      let text = read.get(name);
      if (text === undefined) read.set(name, (text = readFirst(folders(), name)));
      const content = await text;
      if (content !== undefined) return reply.headers(HEADERS).type(type).send(content);
      read.delete(name);
      const refusal = refuse('rpc/invalid-request', 'The web page is not built. Build it once with: npm run build');
      return refuseHttp(reply, 404, refusal.rejection, wire);
    });
  }
}

/** Reads the file from the first folder that has it; undefined: none does. */
export async function readFirst(from: readonly string[], name: string): Promise<Buffer | undefined> {
  for (const folder of from) {
    const content = await readFile(new URL(name, folder)).catch(() => undefined);
    if (content !== undefined) return content;
  }
  return undefined;
}

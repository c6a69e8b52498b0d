/** Turns inputs into a request: address, headers and body. */
import { openAsBlob } from 'node:fs';
import { resolve } from 'node:path';
import { TerminalError, type ExecutorContext } from '@coppice/extension';
import { FormData } from 'undici';
import { idempotencyHeaderDefault, type HttpBody, type HttpInput, type MultipartPart } from './http-input.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | null;
  /** Headers that must not reach another origin. */
  readonly secretHeaders: readonly string[];
}

/** What a request takes from its attempt. */
type RequestContext = Pick<ExecutorContext, 'idempotencyKey' | 'baseDir'>;

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Throws a TerminalError for an address or a file that can not be used. */
export async function buildRequest(
  input: HttpInput,
  { idempotencyKey, baseDir }: RequestContext,
): Promise<HttpRequest> {
  const method = input.method ?? 'GET';
  const url = parseUrl(input.url);
  addQuery(url.searchParams, input.query ?? {});
  const headers: Record<string, string> = { 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'coppice' };
  const { idempotencyHeader = idempotencyHeaderDefault } = input;
  if (idempotencyHeader !== false && !safeMethods.includes(method))
    headers[idempotencyHeader.toLowerCase()] = idempotencyKey;
  const secretHeaders = addAuth(input, url, headers);
  const { body, contentType } = await buildBody(input.body, baseDir);
  if (contentType !== undefined) headers['content-type'] = contentType;
  for (const [name, value] of Object.entries(input.headers ?? {})) headers[name.toLowerCase()] = value;
  return { url, method, headers, body, secretHeaders };
}

/** The address for messages and outputs, without the parts that may be secret. */
export function redactUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TerminalError(`"${text}" is no absolute http or https URL, such as "https://example.org/path"`, {
      code: 'http/invalid-url',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new TerminalError(`The URL ${redactUrl(url)} holds credentials; move them to "auth.basic"`, {
      code: 'http/invalid-url',
    });
  }
  return url;
}

function addQuery(params: URLSearchParams, query: NonNullable<HttpInput['query']>): void {
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat()) params.append(name, String(item));
  }
}

/** Answers the headers that it set. */
function addAuth({ auth = {} }: HttpInput, url: URL, headers: Record<string, string>): readonly string[] {
  const { bearer, basic, apiKey } = auth;
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  if (basic !== undefined) {
    headers['authorization'] = `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
  }
  if (apiKey?.in === 'query') url.searchParams.append(apiKey.name, apiKey.value);
  if (apiKey === undefined || apiKey.in === 'query') return [];
  headers[apiKey.name.toLowerCase()] = apiKey.value;
  return [apiKey.name.toLowerCase()];
}

async function buildBody(
  body: HttpBody | undefined,
  baseDir: string,
): Promise<{ readonly body: HttpRequest['body']; readonly contentType?: string }> {
  if (body === undefined) return { body: null };
  if (body.json !== undefined) return { body: JSON.stringify(body.json), contentType: 'application/json' };
  if (body.text !== undefined) return { body: body.text, contentType: 'text/plain; charset=utf-8' };
  if (body.form !== undefined) {
    const params = new URLSearchParams();
    addQuery(params, body.form);
    return { body: params.toString(), contentType: 'application/x-www-form-urlencoded' };
  }
  if (body.multipart === undefined) return { body: null };
  const form = new FormData();
  for (const [name, part] of Object.entries(body.multipart)) await appendPart(form, name, withPath(part, baseDir));
  return { body: form };
}

function withPath(part: MultipartPart, baseDir: string): MultipartPart {
  return typeof part === 'string' || part.path === undefined ? part : { ...part, path: resolve(baseDir, part.path) };
}

async function appendPart(form: FormData, name: string, part: MultipartPart): Promise<void> {
  if (typeof part === 'string') {
    form.append(name, part);
    return;
  }
  const { content = '', encoding = 'utf8', path, contentType } = part;
  const type = contentType === undefined ? {} : { type: contentType };
  const filename = part.filename ?? path?.split(/[\\/]/).at(-1);
  const blob = path === undefined ? new Blob([Buffer.from(content, encoding)], type) : await openFile(path, type);
  form.append(name, blob, filename ?? name);
}

async function openFile(path: string, type: { readonly type?: string }): Promise<Blob> {
  try {
    return await openAsBlob(path, type);
  } catch (cause) {
    throw new TerminalError(`The file "${path}" of a multipart body can not be read: ${String(cause)}`, {
      code: 'http/no-file',
      cause,
    });
  }
}

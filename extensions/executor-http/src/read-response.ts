/** Reads a response's body within its limit and gives it the form asked for. */
import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { parseJson as parseExactly, RetryableError, TerminalError, type Json } from '@coppice/extension';
import type { HttpInput } from './http-input.ts';

// A body may end early: HEAD and some servers announce a packing and send nothing. HTTP itself tells a broken transfer.
const zlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotliOptions = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const unpackers = new Map<string, () => Transform>([
  ['gzip', () => createGunzip(zlibOptions)],
  ['x-gzip', () => createGunzip(zlibOptions)],
  ['deflate', () => createInflate(zlibOptions)],
  ['br', () => createBrotliDecompress(brotliOptions)],
]);

/** Undoes the packing that requests of this executor accept; a body in any other is answered as it is. */
export function unpack(body: Readable, contentEncoding: string): Readable {
  const create = unpackers.get(contentEncoding.toLowerCase());
  if (create === undefined) return body;
  // Errors of the transfer end the unpacked stream, whose reader gets them.
  return pipeline(body, create(), () => {});
}

/** Answers the whole body. Throws a TerminalError, and ends the transfer, when it is longer than allowed. */
export function readBody(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteCount = 0;
    // Uses events, because an async iteration costs more than a small request itself.
    body.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= maxBytes) chunks.push(chunk);
      else body.destroy(tooLong(maxBytes));
    });
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
  });
}

function tooLong(maxBytes: number): TerminalError {
  return new TerminalError(`The response is longer than ${maxBytes} bytes; raise "maxResponseBytes" or ask for less`, {
    code: 'http/response-too-large',
  });
}

/** An empty body is null. Throws a RetryableError when it should be JSON and is not. */
export function parseBody(bytes: Buffer, contentType: string, parse: NonNullable<HttpInput['parse']>): Json {
  if (bytes.length === 0) return null;
  switch (parse === 'auto' ? formOf(contentType) : parse) {
    case 'json':
      return parseJson(bytes, contentType);
    case 'text':
      return decodeText(bytes, contentType);
    case 'base64':
      return bytes.toString('base64');
  }
}

function formOf(contentType: string): 'json' | 'text' | 'base64' {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^application\/(.+\+)?json$/.test(type)) return 'json';
  if (
    type === '' ||
    /^(text\/|application\/(.+\+)?xml$|application\/(javascript|yaml|x-www-form-urlencoded)$)/.test(type)
  )
    return 'text';
  return 'base64';
}

function parseJson(bytes: Buffer, contentType: string): Json {
  try {
    return parseExactly(bytes.toString('utf8'));
  } catch (cause) {
    throw new RetryableError(`The response is no JSON (content type "${contentType}"): ${String(cause)}`, {
      code: 'http/invalid-json',
      data: { body: bytes.toString('utf8', 0, 1000) },
      cause,
    });
  }
}

function decodeText(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset that nobody knows: UTF-8 is the best guess there is.
    return new TextDecoder().decode(bytes);
  }
}

/** Reads a run from a file, as the engine takes it. Files come from outside: nothing in them is believed, and their size has a limit. */
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogChunk, RunEvent, TaskId, TreeId } from '@coppice/core';
import { RUN_FILE_CHECKS, RunFileError, RunFileReader } from '@coppice/protocol';
import type { LogLine, RunFileEnd, RunFileHead } from '@coppice/protocol';
import { eventFromWire } from '../wire/event-from-wire.ts';
import { sha256 } from './write-run-file.ts';

/** Bytes of an unpacked file. */
const BYTES_MAX = 2 ** 30;
/** Lines of tasks that are stored together. */
const CHUNK_LINES = 500;

export interface RunFile {
  readonly head: RunFileHead;
  readonly events: readonly RunEvent[];
  readonly logs: readonly LogChunk[];
  readonly end: RunFileEnd;
}

/** Throws a RunFileError for what is no such file, is damaged or too large, and what the source throws. */
export async function readRunFile(source: Readable, bytesMax = BYTES_MAX): Promise<RunFile> {
  const reader = new RunFileReader(sha256(), RUN_FILE_CHECKS);
  const logs = new Chunks();
  const events: RunEvent[] = [];
  let head: RunFileHead | undefined;
  for await (const line of linesOf(source, bytesMax)) {
    const part = reader.read(line);
    if ('event' in part) events.push(eventFromWire(part.event));
    else if ('log' in part) logs.add(head?.treeId as TreeId, part.log);
    else if ('head' in part) ({ head } = part);
  }
  const end = await reader.finish();
  return { head: head as RunFileHead, events, logs: logs.list, end };
}

/** Reads the first line only. */
export async function readHead(source: Readable): Promise<RunFileHead> {
  for await (const line of linesOf(source, BYTES_MAX)) {
    const part = new RunFileReader(sha256(), RUN_FILE_CHECKS).read(line);
    if ('head' in part) return part.head;
  }
  throw new RunFileError('The file is empty.');
}

async function* linesOf(source: Readable, bytesMax: number): AsyncGenerator<string> {
  const unpacked = createGunzip();
  // An error of either stream comes out of the loop, and the end of the loop closes both.
  pipeline(source, unpacked, () => undefined);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [rest, bytes] = ['', 0];
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new RunFileError(`The file holds more than ${bytesMax} bytes when it is unpacked.`);
      const lines = decoder.decode(chunk, { stream: true }).split('\n');
      lines[0] = rest + (lines[0] as string);
      rest = lines.pop() as string;
      yield* lines;
    }
  } catch (error) {
    throw unpackingError(error);
  }
  if (rest !== '') yield rest;
}

/** What is wrong with the packed bytes, in our words. */
function unpackingError(error: unknown): unknown {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new RunFileError('The file is damaged: it holds no UTF-8 text.');
  if (typeof code !== 'string' || !code.startsWith('Z_')) return error;
  return new RunFileError(
    code === 'Z_BUF_ERROR'
      ? 'The end of the file is missing: it was not written whole. Save the run again.'
      : 'The file is no Coppice run, or it is damaged: it can not be unpacked.',
  );
}

/** Lines of one attempt that follow one another are stored together. */
class Chunks {
  readonly list: (LogChunk & { readonly lines: LogChunk['lines'][number][] })[] = [];

  add(treeId: TreeId, { taskId, attempt, number, at, stream, text }: LogLine): void {
    const last = this.list.at(-1);
    const line = { atMs: Date.parse(at), stream, text };
    const isNext =
      last?.taskId === taskId &&
      last.attempt === attempt &&
      last.firstNumber + last.lines.length === number &&
      last.lines.length < CHUNK_LINES;
    if (isNext) last.lines.push(line);
    else this.list.push({ treeId, taskId: taskId as TaskId, attempt, firstNumber: number, lines: [line] });
  }
}

/** Keeps the first or the last bytes of a stream, and tells its lines as they come. */
import { StringDecoder } from 'node:string_decoder';

export interface OutputBuffer {
  push(chunk: Buffer): void;
  /** The stream has ended: its last line may lack a line break. */
  end(): void;
  /** The kept text, or the end of it that is kept, of at most `maxBytes`; characters cut in two at an end are left out. */
  text(maxBytes?: number): string;
  /** The line that has no line break yet. */
  readonly openLine: string;
  readonly isTruncated: boolean;
  /** Bytes that are kept, and that came. */
  readonly keptBytes: number;
  readonly totalBytes: number;
}

export interface OutputBufferOptions {
  readonly maxBytes: number;
  readonly keep: 'head' | 'tail';
  /** Called for each complete line, without its line break; a line longer than 8,192 characters is cut, and says so. */
  readonly line: (text: string) => void;
}

const lineLengthMax = 8192;
/** How many of the lines in one chunk are told, the last ones. A flood of short lines would keep everybody waiting. */
const linesPerChunkMax = 500;

/** Cuts a stream into lines. */
class Lines {
  readonly #onLine: OutputBufferOptions['line'];
  readonly #decoder = new StringDecoder('utf8');
  #open = '';
  /** Characters of the open line that are not kept. */
  #lost = 0;

  constructor(onLine: OutputBufferOptions['line']) {
    this.#onLine = onLine;
  }

  /** The line that has no line break yet. */
  get open(): string {
    return this.#lost === 0 ? this.#open : `${this.#open}… (${this.#lost} more characters)`;
  }

  push(chunk: Buffer): void {
    const lines = this.#decoder.write(chunk).split('\n');
    const last = lines.pop() ?? '';
    const skippedCount = lines.length - linesPerChunkMax;
    if (skippedCount > 0) {
      lines.splice(0, skippedCount);
      this.#begin();
    }
    for (const text of lines) {
      this.#extend(text);
      this.#onLine(this.open.replace(/\r$/, ''));
      this.#begin();
    }
    this.#extend(last);
  }

  end(): void {
    if (this.#open !== '') this.#onLine(this.open);
    this.#begin();
  }

  #begin(): void {
    this.#open = '';
    this.#lost = 0;
  }

  #extend(text: string): void {
    const room = lineLengthMax - this.#open.length;
    this.#open += text.slice(0, room);
    this.#lost += Math.max(text.length - room, 0);
  }
}

export function createOutputBuffer({ maxBytes, keep, line }: OutputBufferOptions): OutputBuffer {
  let chunks: Buffer[] = [];
  let byteCount = 0;
  let isTruncated = false;
  let totalBytes = 0;
  const lines = new Lines(line);

  return {
    get isTruncated() {
      return isTruncated;
    },
    get keptBytes() {
      return Math.min(byteCount, maxBytes);
    },
    get totalBytes() {
      return totalBytes;
    },
    get openLine() {
      return lines.open;
    },
    push(chunk) {
      lines.push(chunk);
      totalBytes += chunk.length;
      if (keep === 'head' && byteCount >= maxBytes) {
        isTruncated = true;
        return;
      }
      chunks.push(chunk);
      byteCount += chunk.length;
      if (byteCount <= maxBytes) return;
      isTruncated = true;
      // Cut only when twice too much is held, so that a stream of small chunks costs linear time.
      if (keep === 'tail' && byteCount < 2 * maxBytes) return;
      chunks = [cut(Buffer.concat(chunks), maxBytes, keep)];
      byteCount = chunks[0]?.length ?? 0;
    },
    end() {
      lines.end();
    },
    text(limit = maxBytes) {
      const kept = cut(Buffer.concat(chunks), maxBytes, keep);
      const bytes = cut(kept, limit, keep);
      return isTruncated || bytes.length < kept.length ? decodeWhole(bytes) : bytes.toString('utf8');
    },
  };
}

function cut(bytes: Buffer, maxBytes: number, keep: 'head' | 'tail'): Buffer {
  if (bytes.length <= maxBytes) return bytes;
  return Buffer.from(keep === 'head' ? bytes.subarray(0, maxBytes) : bytes.subarray(bytes.length - maxBytes));
}

/** Decodes without the continuation bytes in front and the unfinished character at the end. */
function decodeWhole(bytes: Buffer): string {
  let start = 0;
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new StringDecoder('utf8').write(bytes.subarray(start));
}

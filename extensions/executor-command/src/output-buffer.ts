/** Keeps the first or the last bytes of a stream, and tells its lines as they come. */
import { StringDecoder } from 'node:string_decoder';

export interface OutputBuffer {
  push(chunk: Buffer): void;
  /** The stream has ended: its last line may lack a line break. */
  end(): void;
  /** The kept text; characters cut in two at an end are left out. */
  text(): string;
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

export function createOutputBuffer({ maxBytes, keep, line }: OutputBufferOptions): OutputBuffer {
  let chunks: Buffer[] = [];
  let byteCount = 0;
  let isTruncated = false;
  let totalBytes = 0;
  let openLine = '';
  /** Characters of the open line that are not kept. */
  let lost = 0;
  const decoder = new StringDecoder('utf8');

  const extendLine = (text: string): void => {
    const room = lineLengthMax - openLine.length;
    openLine += text.slice(0, room);
    lost += Math.max(text.length - room, 0);
  };
  const shownLine = (): string => (lost === 0 ? openLine : `${openLine}… (${lost} more characters)`);
  const tellLines = (chunk: Buffer): void => {
    const lines = decoder.write(chunk).split('\n');
    const last = lines.pop() ?? '';
    for (const text of lines) {
      extendLine(text);
      line(shownLine().replace(/\r$/, ''));
      openLine = '';
      lost = 0;
    }
    extendLine(last);
  };

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
      return shownLine();
    },
    push(chunk) {
      tellLines(chunk);
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
      if (openLine !== '') line(shownLine());
      openLine = '';
      lost = 0;
    },
    text() {
      const bytes = cut(Buffer.concat(chunks), maxBytes, keep);
      return isTruncated ? decodeWhole(bytes) : bytes.toString('utf8');
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

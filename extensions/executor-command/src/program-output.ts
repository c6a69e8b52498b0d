/** What a program prints: kept within limits, told line by line, and its last lines in the order in which they came. */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ExecutorContext, JsonObject } from '@coppice/extension';
import { maxEvidenceBytesDefault, maxOutputBytesDefault, type CommandInput } from './command-input.ts';
import { createOutputBuffer, type OutputBuffer } from './output-buffer.ts';
import { OutputTail, type OutputLine, type StreamName } from './output-tail.ts';

export class ProgramOutput {
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
  readonly #tail = new OutputTail();
  readonly #maxEvidenceBytes: number;
  /** Bytes of both streams so far. */
  byteCount = 0;

  /** Listens to both streams of the program. */
  constructor(child: ChildProcess, input: CommandInput, ctx: ExecutorContext) {
    this.#maxEvidenceBytes = input.maxOutputBytes ?? maxEvidenceBytesDefault;
    this.stdout = this.#collect(child, 'stdout', { input, ctx });
    this.stderr = this.#collect(child, 'stderr', { input, ctx });
  }

  get isTruncated(): boolean {
    return this.stdout.isTruncated || this.stderr.isTruncated;
  }

  /** Called when nothing more comes: hands on the last lines, which lack a line break. */
  end(): void {
    this.stdout.end();
    this.stderr.end();
  }

  /** Evidence of an attempt that did not succeed. */
  evidence(): JsonObject {
    const open = (['stdout', 'stderr'] as const)
      .map((stream): OutputLine => ({ stream, line: this[stream].openLine }))
      .filter(({ line }) => line !== '');
    return {
      stdout: this.stdout.text(this.#maxEvidenceBytes),
      stderr: this.stderr.text(this.#maxEvidenceBytes),
      truncated: [this.stdout, this.stderr].some((each) => each.totalBytes > this.#maxEvidenceBytes),
      tail: this.#tail.list(open),
    };
  }

  #collect(
    child: ChildProcess,
    stream: StreamName,
    { input, ctx }: { readonly input: CommandInput; readonly ctx: ExecutorContext },
  ): OutputBuffer {
    let lastLine: string | undefined;
    const buffer = createOutputBuffer({
      maxBytes: input.maxOutputBytes ?? maxOutputBytesDefault,
      keep: input.keep ?? 'tail',
      line: (text) => {
        lastLine = text;
        this.#tail.push(stream, text);
      },
    });
    child[stream]?.on('data', (chunk: Buffer) => {
      takeTurns(child[stream]);
      this.byteCount += chunk.length;
      ctx.stream(chunk, stream);
      buffer.push(chunk);
      if (lastLine === undefined) ctx.heartbeat();
      else ctx.progress(0, lastLine);
      lastLine = undefined;
    });
    return buffer;
  }
}

/** One chunk a turn of the event loop: a program that prints without end would have it for itself. */
function takeTurns(source: Readable | null): void {
  source?.pause();
  setImmediate(() => source?.resume());
}

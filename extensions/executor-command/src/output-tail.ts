/** The last lines that a program printed, of both streams in the order in which they came: what a person looks at first. */
import type { JsonObject } from '@coppice/extension';

export type StreamName = 'stdout' | 'stderr';

/** One line, without its line break. */
export interface OutputLine extends JsonObject {
  readonly stream: StreamName;
  readonly line: string;
}

/** Lines kept. */
export const tailLinesMax = 100;
/** Characters of one line; the rest is counted. */
const lineLengthMax = 1000;

export class OutputTail {
  #lines: OutputLine[] = [];

  push(stream: StreamName, line: string): void {
    this.#lines.push({ stream, line });
    // Cut only when twice too much is held, so that a flood of lines costs linear time.
    if (this.#lines.length >= 2 * tailLinesMax) this.#lines = this.#lines.slice(-tailLinesMax);
  }

  /** Oldest first. `open`: lines that have no line break yet. */
  list(open: readonly OutputLine[] = []): readonly OutputLine[] {
    const last = [...this.#lines.slice(-tailLinesMax), ...open].slice(-tailLinesMax);
    return last.map(({ stream, line }) => ({ stream, line: cutText(line, lineLengthMax) }));
  }
}

/** A text of at most `max` characters, and how many more there were. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length - max} more characters)`;
}

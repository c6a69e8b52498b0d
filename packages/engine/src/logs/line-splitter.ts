/** Cuts what comes piece by piece into lines. */

/** Characters of a line that are kept; the rest of the line is counted. */
export const LINE_CHARS_MAX = 8_192;

export class LineSplitter {
  readonly #onLine: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #open = '';
  /** Characters of the open line that are not kept. */
  #lost = 0;

  /** `onLine` gets each line without its line break. */
  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  push(piece: string | Uint8Array): void {
    const text = typeof piece === 'string' ? piece : this.#decoder.decode(piece, { stream: true });
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#extend(text, from, to);
      this.#close();
      from = to + 1;
    }
    this.#extend(text, from, text.length);
  }

  /** The last line may lack a line break. */
  end(): void {
    this.push(this.#decoder.decode());
    if (this.#open !== '') this.#close();
  }

  #extend(text: string, from: number, to: number): void {
    const kept = Math.min(to - from, LINE_CHARS_MAX - this.#open.length);
    if (kept > 0) this.#open += text.slice(from, from + kept);
    this.#lost += to - from - Math.max(kept, 0);
  }

  #close(): void {
    const line = this.#open.endsWith('\r') ? this.#open.slice(0, -1) : this.#open;
    this.#onLine(this.#lost === 0 ? line : `${line}… (${this.#lost} more characters)`);
    this.#open = '';
    this.#lost = 0;
  }
}

/** The newest lines of a log, as elements. What is kept is bounded: the oldest lines go. */
import type { LogPage } from '@coppice/client';
import { ansiNodes } from './ansi.ts';
import { html, setText } from './element.ts';

/** What is kept at most. */
const LINES_MAX = 5_000;
const CHARS_MAX = 2_000_000;
const PIECES_MAX = 40_000;
/** How near to its end a log must be scrolled for new lines to be followed, px. */
const END_PX = 8;

type LogLine = LogPage[number];

interface ShownLine {
  readonly element: HTMLElement;
  readonly chars: number;
  readonly pieces: number;
}

export class LogLines {
  /** Scrolls. */
  readonly element = html('div', { class: 'log-lines', role: 'log', tabindex: 0, 'aria-live': 'off' });
  readonly #earlier = html('div', { class: 'log-note' });
  readonly #lines = html('div');
  readonly #nameOf: (line: LogLine) => string | undefined;
  #shown: ShownLine[] = [];
  #chars = 0;
  #pieces = 0;
  #dropped = 0;
  /** Number of the next line of each attempt. */
  readonly #next = new Map<string, number>();
  #isFollowing = true;
  /** True: a person scrolls. Without that a scroll leads nowhere but to the end: browsers go on with a scroll by key that a click has overtaken. */
  #isTouched = false;

  /** `nameOf`: whose line it is, where there are several. `scrolled` is called when it is followed from now on, or no more. */
  constructor(nameOf: (line: LogLine) => string | undefined, scrolled: () => void) {
    this.#nameOf = nameOf;
    this.#earlier.hidden = true;
    this.element.append(this.#earlier, this.#lines);
    for (const touch of ['wheel', 'keydown', 'pointerdown', 'touchmove'])
      this.element.addEventListener(touch, () => (this.#isTouched = true), { passive: true });
    this.element.addEventListener('scroll', () => {
      const { scrollTop, clientHeight, scrollHeight } = this.element;
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - END_PX;
      if (isAtEnd || this.#isTouched) this.#isFollowing = isAtEnd;
      else if (this.#isFollowing) this.showEnd();
      scrolled();
    });
  }

  /** True: the newest line stays in sight. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  get isEmpty(): boolean {
    return this.#shown.length === 0;
  }

  add(lines: LogPage): void {
    const added = lines.flatMap((line) => this.#elementsOf(line));
    this.#lines.append(...added.map(({ element }) => element));
    this.#shown.push(...added);
    for (const { chars, pieces } of added) {
      this.#chars += chars;
      this.#pieces += pieces;
    }
    this.#drop();
    if (this.#isFollowing) this.showEnd();
  }

  showEnd(): void {
    this.#isTouched = false;
    this.#isFollowing = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  clear(): void {
    this.#shown = [];
    this.#chars = 0;
    this.#pieces = 0;
    this.#dropped = 0;
    this.#next.clear();
    this.#earlier.hidden = true;
    this.#lines.replaceChildren();
    this.#isFollowing = true;
  }

  #elementsOf(line: LogLine): readonly ShownLine[] {
    const key = `${line.taskId} ${line.attempt}`;
    const expected = this.#next.get(key);
    this.#next.set(key, line.number + 1);
    const lost = expected === undefined ? 0 : line.number - expected;
    const note = html('div', { class: 'log-note' }, `… ${lost} lines were dropped at a limit`);
    return [...(lost > 0 ? [{ element: note, chars: 0, pieces: 1 }] : []), this.#lineOf(line)];
  }

  #lineOf(line: LogLine): ShownLine {
    const nodes = ansiNodes(line.text);
    const name = this.#nameOf(line);
    const element = html(
      'div',
      { class: `log-line is-${line.stream}` },
      html('span', { class: 'log-time' }, `${new Date(line.at).toLocaleTimeString()} `),
      ...(name === undefined ? [] : [html('span', { class: 'log-name' }, `${name} │ `)]),
      ...nodes,
    );
    return { element, chars: line.text.length, pieces: nodes.length + 3 };
  }

  /** Drops the oldest. The newest line stays in any case. */
  #drop(): void {
    let count = 0;
    const isTooMuch = (): boolean =>
      this.#shown.length - count > LINES_MAX || this.#chars > CHARS_MAX || this.#pieces > PIECES_MAX;
    while (isTooMuch() && count < this.#shown.length - 1) {
      const line = this.#shown[count] as ShownLine;
      line.element.remove();
      this.#chars -= line.chars;
      this.#pieces -= line.pieces;
      count += 1;
    }
    if (count === 0) return;
    this.#shown.splice(0, count);
    this.#dropped += count;
    setText(this.#earlier, `… ${this.#dropped} earlier lines: coppice tasks logs ID --all`);
    this.#earlier.hidden = false;
  }
}

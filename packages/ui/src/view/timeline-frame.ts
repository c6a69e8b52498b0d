/** The parts of the timeline that are always in the document: the axis, the room for rows, and the veil over what lies after the cursor. */
import { html, setAttributes } from './element.ts';
import { ROW_HEIGHT } from './timeline-row.ts';
import { markElements } from './time-axis.ts';

/** px; it stands still while the bars are scrolled. */
export const NAME_WIDTH = 220;
/** Room for the text of a mark of the axis, px. */
const MARK_WIDTH = 40;

export class TimelineFrame {
  /** Scrolls both ways, and has the focus. */
  readonly scroll = html('div', {
    class: 'timeline-scroll',
    role: 'treegrid',
    tabindex: 0,
    'aria-label': 'Timeline',
    'aria-colcount': 2,
  });
  readonly rows = html('div', { class: 'timeline-rows', role: 'rowgroup' });
  readonly #content = html('div', { class: 'timeline-content', role: 'rowgroup' });
  readonly #marks = html('div', { class: 'axis-marks', 'aria-hidden': 'true' });
  readonly #veil = html('div', { class: 'timeline-veil', 'aria-hidden': 'true' });

  constructor() {
    const axis = html(
      'div',
      { class: 'axis', role: 'row', 'aria-rowindex': 1 },
      html('div', { class: 'row-name axis-name', role: 'columnheader' }, 'Task'),
      html(
        'div',
        { class: 'axis-track', role: 'columnheader' },
        html('span', { class: 'spoken' }, 'Time'),
        this.#marks,
      ),
    );
    this.#content.append(axis);
    this.rows.append(this.#veil);
    this.scroll.append(this.#content, this.rows);
  }

  /** `width`: of the bars, px. */
  resize(width: number, rowCount: number): void {
    this.#content.style.width = `${NAME_WIDTH + width}px`;
    this.rows.style.width = `${NAME_WIDTH + width}px`;
    this.rows.style.height = `${rowCount * ROW_HEIGHT}px`;
    setAttributes(this.scroll, { 'aria-rowcount': rowCount + 1 });
  }

  /** The marks of the axis that can be seen. */
  drawMarks(pxPerMs: number, width: number): void {
    const { scrollLeft, clientWidth } = this.scroll;
    const fromMs = scrollLeft / pxPerMs;
    // A mark whose text would be cut at the edge says less than none.
    const toMs = (Math.min(width, scrollLeft + clientWidth - NAME_WIDTH) - MARK_WIDTH) / pxPerMs;
    this.#marks.replaceChildren(...markElements(pxPerMs, fromMs, toMs));
  }

  /** `fromPx`: where what is veiled begins among the bars; undefined: nothing is. */
  drawVeil(fromPx: number | undefined): void {
    this.#veil.hidden = fromPx === undefined;
    if (fromPx !== undefined) this.#veil.style.left = `${NAME_WIDTH + fromPx}px`;
  }

  /** Scrolls as far as is needed for a row to be seen. */
  reveal(index: number): void {
    const top = index * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop) this.scroll.scrollTop = top;
    else if (top + 2 * ROW_HEIGHT > scrollTop + clientHeight)
      this.scroll.scrollTop = top + 2 * ROW_HEIGHT - clientHeight;
  }
}

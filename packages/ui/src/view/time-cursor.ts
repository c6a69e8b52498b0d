/**
 * The moment that is shown, as a slider over the events of a run; its right end is now.
 *
 * The slider is never taken back under the hand that moves it: while the answer to the last move is outstanding,
 * answers to earlier ones change what is shown and said, but not where the slider stands.
 */
import type { RunModel } from '../model/run-model.ts';
import { oneLine } from '../model/status-look.ts';
import { html, setAttributes, setText } from './element.ts';
import { eventText } from './time-axis.ts';

export class TimeCursor {
  readonly element: HTMLElement;
  readonly #slider = html('input', { type: 'range', min: 1, step: 1, 'aria-label': 'Event that is shown' });
  readonly #text = html('span', { class: 'cursor-text' });
  /** The event that the last move asked for, until the answer comes. */
  #moving: { readonly to: number | undefined } | undefined;

  /** `move`: wants to see the state at an event; undefined: the newest. */
  constructor(move: (seq: number | undefined) => void) {
    this.element = html(
      'div',
      { class: 'time-cursor' },
      html('span', { class: 'cursor-label' }, 'Event'),
      this.#slider,
      this.#text,
    );
    this.#slider.addEventListener('input', () => {
      const seq = Number(this.#slider.value);
      const to = seq >= Number(this.#slider.max) ? undefined : seq;
      this.#moving = { to };
      move(to);
    });
    this.#slider.addEventListener('blur', () => (this.#moving = undefined));
  }

  update(model: RunModel): void {
    const last = model.events.length;
    const seq = model.cursor ?? last;
    setAttributes(this.#slider, { max: Math.max(1, last) });
    if (this.#moving?.to === model.cursor) this.#moving = undefined;
    if (this.#moving === undefined && this.#slider.value !== String(seq)) this.#slider.value = String(seq);
    const event = model.events[seq - 1];
    const nameOf = (id: string): string => oneLine(model.newest.tasks.get(id)?.definition.name ?? id);
    const what = event === undefined ? '' : eventText(event, nameOf);
    const text = `${model.cursor === undefined ? 'now' : `${seq} of ${last}`}${what === '' ? '' : ` · ${what}`}`;
    setText(this.#text, text);
    setAttributes(this.#slider, { 'aria-valuetext': text });
  }
}

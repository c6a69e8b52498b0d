/** Where times stand in the timeline. */

/** What is to be shown, and the room for it. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
  /** px that can be seen at once. */
  readonly roomPx: number;
}

const LENGTH_MIN_MS = 50;
const ROOM_MIN_PX = 60;
const PX_PER_MS_MIN = 1e-6;
const PX_PER_MS_MAX = 1000;

export class TimeScale {
  readonly #span: () => TimeSpan;
  /** px for each ms; undefined: all fits into the room. */
  #chosen: number | undefined;

  /** `span` is asked at each use: the end of a run that goes on is now. */
  constructor(span: () => TimeSpan) {
    this.#span = span;
  }

  get pxPerMs(): number {
    if (this.#chosen !== undefined) return this.#chosen;
    const { startMs, endMs, roomPx } = this.#span();
    return Math.max(ROOM_MIN_PX, roomPx) / Math.max(LENGTH_MIN_MS, endMs - startMs);
  }

  /** px from the start; `pxPerMs` is given by who asks for many places of one moment. */
  placeOf(timeMs: number, pxPerMs = this.pxPerMs): number {
    return Math.max(0, timeMs - this.#span().startMs) * pxPerMs;
  }

  zoomBy(factor: number): void {
    this.#chosen = Math.min(PX_PER_MS_MAX, Math.max(this.pxPerMs * factor, PX_PER_MS_MIN));
  }

  /** All fits into the room. */
  fit(): void {
    this.#chosen = undefined;
  }
}

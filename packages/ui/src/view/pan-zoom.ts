/** Moving over a large picture: drag and wheel pan, ctrl or ⌘ with the wheel zooms, as maps do. On d3-zoom. */
import { select } from 'd3-selection';
import { zoom, zoomIdentity } from 'd3-zoom';
import type { D3ZoomEvent, ZoomBehavior, ZoomTransform } from 'd3-zoom';
import type { Viewport } from './graph-canvas.ts';

const ZOOM_MIN = 0.01;
const ZOOM_MAX = 2.5;
const ZOOM_STEP = 1.3;
/** px of a wheel that counts in lines. */
const LINE_PX = 20;

export class PanZoom {
  readonly #surface: SVGSVGElement;
  readonly #zoom: ZoomBehavior<SVGSVGElement, unknown>;
  #transform: ZoomTransform = zoomIdentity;
  #fitted: (() => Viewport | undefined) | undefined;
  /** px; of the surface when it was last seen. */
  #size: readonly [width: number, height: number] = [0, 0];

  /** `moved` is called after every change. `signal` ends the listening. */
  constructor(surface: SVGSVGElement, moved: () => void, signal: AbortSignal) {
    this.#surface = surface;
    this.#zoom = zoom<SVGSVGElement, unknown>()
      .scaleExtent([ZOOM_MIN, ZOOM_MAX])
      .filter((event: MouseEvent) => event.type !== 'wheel' && event.type !== 'dblclick' && event.button === 0)
      .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        this.#transform = transform;
        this.#fitted = undefined;
        moved();
      });
    select(surface).call(this.#zoom);
    surface.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  /** True: the person has not moved the picture since `fit`. */
  get isFitted(): boolean {
    return this.#fitted !== undefined;
  }

  get viewport(): Viewport {
    const { k, x, y } = this.#transform;
    return { k, x, y };
  }

  /** The part of the picture that can be seen, in its own coordinates. */
  get window(): DOMRect {
    const { k, x, y } = this.#transform;
    const { clientWidth, clientHeight } = this.#surface;
    return new DOMRect(-x / k, -y / k, clientWidth / k, clientHeight / k);
  }

  /** The place in the picture under the mouse. */
  placeOf({ clientX, clientY }: MouseEvent): readonly [x: number, y: number] {
    const { left, top } = this.#surface.getBoundingClientRect();
    return this.#transform.invert([clientX - left, clientY - top]);
  }

  show({ k, x, y }: Viewport): void {
    this.#zoom.transform(select(this.#surface), zoomIdentity.translate(x, y).scale(k));
  }

  /**
   * Shows what `place` answers, and asks it again whenever the surface has another size, until something else is shown. Does nothing
   * where it has no answer.
   */
  fit(place: () => Viewport | undefined): void {
    const viewport = place();
    if (viewport === undefined) return;
    this.show(viewport);
    this.#fitted = place;
  }

  /** The surface has another size: what was fitted is fitted again, else what was in the middle stays there. */
  resized(): void {
    const { clientWidth, clientHeight } = this.#surface;
    const [width, height] = this.#size;
    if (clientWidth === 0) return;
    this.#size = [clientWidth, clientHeight];
    const { k, x, y } = this.#transform;
    if (this.#fitted !== undefined) this.fit(this.#fitted);
    else if (width > 0) this.show({ k, x: x + (clientWidth - width) / 2, y: y + (clientHeight - height) / 2 });
  }

  /** Brings a place of the picture into the middle. */
  centre(x: number, y: number): void {
    const { clientWidth, clientHeight } = this.#surface;
    const { k } = this.#transform;
    this.show({ k, x: clientWidth / 2 - x * k, y: clientHeight / 2 - y * k });
  }

  zoomIn(): void {
    this.#zoom.scaleBy(select(this.#surface), ZOOM_STEP);
  }

  zoomOut(): void {
    this.#zoom.scaleBy(select(this.#surface), 1 / ZOOM_STEP);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const scale = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    if (event.ctrlKey || event.metaKey) {
      const { left, top } = this.#surface.getBoundingClientRect();
      const factor = 2 ** (-event.deltaY * scale * 0.004);
      this.#zoom.scaleBy(select(this.#surface), factor, [event.clientX - left, event.clientY - top]);
      return;
    }
    const isSideways = event.shiftKey && event.deltaX === 0;
    const across = isSideways ? event.deltaY : event.deltaX;
    const down = isSideways ? 0 : event.deltaY;
    const { k } = this.#transform;
    this.#zoom.translateBy(select(this.#surface), (-across * scale) / k, (-down * scale) / k);
  }
}

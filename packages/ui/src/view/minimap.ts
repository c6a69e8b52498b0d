/** The whole graph in a corner, with the part that is seen; a click or drag moves there. */
import type { GraphLayout } from '../model/graph-model.ts';
import { html } from './element.ts';
import { drawFar, fitInto } from './graph-canvas.ts';
import type { StatusColours, Viewport } from './graph-canvas.ts';

export interface MinimapPicture {
  readonly layout: GraphLayout;
  readonly colours: StatusColours;
  readonly selectedId: string | undefined;
  /** What is seen, in graph coordinates. */
  readonly window: DOMRect;
}

const MARGIN = 6;

export class Minimap {
  /** Hidden from screen readers and the keyboard, which use the tree itself. */
  readonly element = html('div', { class: 'minimap', 'aria-hidden': 'true' });
  readonly #canvas = html('canvas');
  readonly #go: (x: number, y: number) => void;
  /** The graph without the frame of what is seen: it is drawn again when the graph looks different, not for every move. */
  readonly #still = html('canvas');
  #viewport: Viewport | undefined;

  /** `go`: wants to see this place of the graph. */
  constructor(go: (x: number, y: number) => void) {
    this.#go = go;
    this.element.append(this.#canvas);
    const move = (event: PointerEvent): void => {
      if (event.buttons === 0 || this.#viewport === undefined) return;
      const { left, top } = this.#canvas.getBoundingClientRect();
      const { k, x, y } = this.#viewport;
      this.#go((event.clientX - left - x) / k, (event.clientY - top - y) / k);
    };
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      move(event);
    });
    this.#canvas.addEventListener('pointermove', move);
  }

  /** `isMove`: only the window is another one. */
  draw({ layout, colours, selectedId, window }: MinimapPicture, isMove: boolean): void {
    const { left, top, width, height } = layout;
    const isAllSeen =
      window.left <= left && window.top <= top && window.right >= left + width && window.bottom >= top + height;
    const wasHidden = this.element.hidden;
    this.element.hidden = isAllSeen;
    if (isAllSeen) return;
    if (!isMove || wasHidden || this.#viewport === undefined) {
      const { clientWidth, clientHeight } = this.#canvas;
      this.#viewport = fitInto(layout, { width: clientWidth, height: clientHeight, margin: MARGIN });
      drawFar(this.#canvas, { layout, viewport: this.#viewport, colours, selectedId, lines: undefined });
      this.#keep();
    } else this.#restore();
    this.#frame(colours, window);
  }

  #keep(): void {
    const { width, height } = this.#canvas;
    this.#still.width = width;
    this.#still.height = height;
    if (width > 0 && height > 0) this.#still.getContext('2d')?.drawImage(this.#canvas, 0, 0);
  }

  #restore(): void {
    const { width, height } = this.#still;
    const context = this.#canvas.getContext('2d');
    if (context === null || width === 0 || height === 0) return;
    context.save();
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    context.drawImage(this.#still, 0, 0);
    context.restore();
  }

  #frame(colours: StatusColours, window: DOMRect): void {
    const context = this.#canvas.getContext('2d');
    if (context === null || this.#viewport === undefined) return;
    const { k, x, y } = this.#viewport;
    context.strokeStyle = colours.selection;
    context.lineWidth = 1;
    context.strokeRect(window.x * k + x, window.y * k + y, window.width * k, window.height * k);
  }
}

/** The whole graph on canvases: in the window when it is too far away to be read, and small in the corner. */
import type { GraphLayout } from '../model/graph-model.ts';
import { html } from './element.ts';
import { drawFar, FAR_ZOOM, readColours } from './graph-canvas.ts';
import type { FarPicture } from './graph-canvas.ts';
import { Minimap } from './minimap.ts';
import type { PanZoom } from './pan-zoom.ts';

interface FarDrawing extends Pick<FarPicture, 'selectedId'> {
  /** Made only where it is drawn. */
  readonly lines: () => Path2D;
  /** True: only the part that is seen is another one. */
  readonly isMove: boolean;
}

export class FarView {
  readonly canvas = html('canvas', { class: 'graph-far', 'aria-hidden': 'true' });
  readonly #minimap: Minimap;

  /** `centre` brings a place of the graph into the middle of the window. */
  constructor(centre: (x: number, y: number) => void) {
    this.#minimap = new Minimap(centre);
  }

  get minimap(): HTMLElement {
    return this.#minimap.element;
  }

  draw(layout: GraphLayout, panZoom: PanZoom, { selectedId, lines, isMove }: FarDrawing): void {
    const colours = readColours(this.canvas);
    const { viewport, window } = panZoom;
    this.canvas.hidden = viewport.k >= FAR_ZOOM;
    if (!this.canvas.hidden) drawFar(this.canvas, { layout, viewport, colours, selectedId, lines: lines() });
    this.#minimap.draw({ layout, colours, selectedId, window }, isMove);
  }
}

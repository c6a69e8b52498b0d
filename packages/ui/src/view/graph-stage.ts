/**
 * What is drawn of a graph, and where it is looked at: SVG for what can be read, a canvas when it is too far for that, a minimap and a
 * legend. It knows places and looks; what a person does in it is told to its owner.
 */
import type { GraphLayout, GraphNode } from '../model/graph-model.ts';
import { EdgeLayer } from './edge-layer.ts';
import { html, setAttributes, svg } from './element.ts';
import { FarView } from './far-view.ts';
import { FAR_ZOOM, fitReadably } from './graph-canvas.ts';
import type { Box } from './graph-canvas.ts';
import { Legend } from './graph-lines.ts';
import { elementId } from './graph-node.ts';
import type { NodeState } from './graph-node.ts';
import type { NewPlaces } from './graph-places.ts';
import { holdPlace } from './held-place.ts';
import { NodeLayer } from './node-layer.ts';
import { PanZoom } from './pan-zoom.ts';

export interface StageOptions {
  readonly stateOf: (node: GraphNode) => NodeState;
  /** The node of the selected task, or of the group that hides it. */
  readonly selected: () => GraphNode | undefined;
  /** A person looks at another part. */
  readonly moved: () => void;
  /** Ends all listening. */
  readonly signal: AbortSignal;
}

export class GraphStage {
  readonly element = html('div', { class: 'graph-stage' });
  /** The only tab stop; it has all keys and clicks. */
  readonly tree = svg('svg', { class: 'graph-near', role: 'tree', tabindex: 0, 'aria-label': 'Task graph' });
  readonly panZoom: PanZoom;
  readonly #options: StageOptions;
  readonly #world = svg('g');
  readonly #edges = new EdgeLayer();
  readonly #nodes: NodeLayer;
  readonly #legend = new Legend();
  readonly #far = new FarView((x, y) => this.panZoom.centre(x, y));
  readonly #resized: ResizeObserver;
  #layout: GraphLayout | undefined;
  #hoveredId: string | undefined;
  /** What the document holds: more than is seen, so that a small move draws nothing. Undefined: draw everything. */
  #held: DOMRect | undefined;
  #frame = 0;

  constructor(options: StageOptions) {
    this.#options = options;
    this.#nodes = new NodeLayer(options.stateOf);
    this.element.append(this.#far.canvas, this.tree, this.#far.minimap, this.#legend.element);
    this.tree.append(this.#world);
    this.#world.append(this.#nodes.frames, this.#edges.element, this.#nodes.boxes);
    this.panZoom = new PanZoom(this.tree, () => this.#moved(), options.signal);
    this.#resized = new ResizeObserver(() => this.#resize());
    this.#resized.observe(this.element);
  }

  dispose(): void {
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** Takes everything out. */
  clear(): void {
    this.#layout = undefined;
    this.#held = undefined;
    this.#edges.show(undefined);
    this.#nodes.draw([], undefined, undefined);
  }

  /** Takes new places in; `draw` shows them. */
  place({ before, after, anchorId }: NewPlaces): void {
    this.#layout = after;
    this.#edges.show(after);
    this.#legend.show(after);
    const selectedId = this.#options.selected()?.id;
    if (before?.look === after.look) holdPlace(this.panZoom, { before, after, anchorId, selectedId });
  }

  /** Shows the graph as `place` answers. Default: all of it where that can be read, else its beginning. */
  fit(place = fitReadably): void {
    this.panZoom.fit(() => (this.#layout === undefined ? undefined : place(this.#layout, boxOf(this.element))));
  }

  /** Everything: places, looks or the selection are others. */
  draw(): void {
    this.#held = undefined;
    this.#drawMoved();
    this.#drawFar(false);
  }

  #drawMoved(): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const { k, x, y } = this.panZoom.viewport;
    const isFar = k < FAR_ZOOM;
    setAttributes(this.#world, { transform: `translate(${x}, ${y}) scale(${k})`, class: isFar ? 'is-far' : undefined });
    const { window } = this.panZoom;
    if (!isFar && this.#held !== undefined && isHeld(window, this.#held)) return;
    this.#held = isFar ? undefined : around(window);
    const selected = this.#options.selected();
    this.#nodes.draw(layout.nodes, this.#held, selected);
    setAttributes(this.tree, { 'aria-activedescendant': selected === undefined ? undefined : elementId(selected.id) });
    this.#edges.draw(this.#held, this.#hoveredId ?? selected?.id);
  }

  /** One node looks different. */
  touch(node: GraphNode): void {
    this.#nodes.touch(node);
  }

  /** Nodes that are in the document. */
  nodes(): readonly GraphNode[] {
    return [...this.#nodes.ids()].flatMap((id) => this.#layout?.byId.get(id) ?? []);
  }

  /** What is small or far away looks different: it is drawn with the next frame. */
  drawFarSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawFar(false));
  }

  /** Points at a node: its lines stand out. */
  hover(id: string | undefined): void {
    if (id === this.#hoveredId) return;
    this.#hoveredId = id;
    this.#held = undefined;
    this.#drawSoon();
  }

  /** From far there are no elements: the innermost node at the place. */
  nodeAt(event: MouseEvent): GraphNode | undefined {
    if (this.panZoom.viewport.k >= FAR_ZOOM) return undefined;
    const [x, y] = this.panZoom.placeOf(event);
    return this.#layout?.nodes.findLast(
      (node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height,
    );
  }

  #moved(): void {
    this.#options.moved();
    this.#drawSoon();
  }

  #drawSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#drawMoved();
      this.#drawFar(true);
    });
  }

  #resize(): void {
    this.panZoom.resized();
    // Now, not once more in the next frame.
    cancelAnimationFrame(this.#frame);
    this.draw();
  }

  /** `isMove`: only the part that is seen is another one. */
  #drawFar(isMove: boolean): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const selectedId = this.#options.selected()?.id;
    this.#far.draw(layout, this.panZoom, { selectedId, lines: () => this.#edges.whole, isMove });
  }
}

/** What is held around a window, on each side, as a part of it. */
const MARGIN = 0.25;

function around({ x, y, width, height }: DOMRect): DOMRect {
  const factor = 1 + 2 * MARGIN;
  return new DOMRect(x - width * MARGIN, y - height * MARGIN, width * factor, height * factor);
}

/** True: nothing has to come into the document, and not much too much is in it. */
function isHeld(window: DOMRect, held: DOMRect): boolean {
  const isInside =
    window.left >= held.left && window.right <= held.right && window.top >= held.top && window.bottom <= held.bottom;
  return isInside && held.width <= window.width * (1 + 4 * MARGIN);
}

/** A stage that is not shown yet has no size. */
function boxOf({ clientWidth, clientHeight }: HTMLElement): Box {
  return { width: Math.max(clientWidth, 100), height: Math.max(clientHeight, 100), margin: 16 };
}

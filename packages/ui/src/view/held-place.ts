/** Where the window goes when nodes get other places, so that what a person looks at stays where it is. */
import type { GraphLayout, GraphNode } from '../model/graph-model.ts';
import { isWhollyIn } from './node-layer.ts';
import type { PanZoom } from './pan-zoom.ts';

export interface Held {
  readonly before: GraphLayout;
  readonly after: GraphLayout;
  /** The node that was folded or unfolded. */
  readonly anchorId: string | undefined;
  readonly selectedId: string | undefined;
}

/** What was fitted is fitted again. Else the anchor stays, or the selected node if it is seen, or the first node that is. */
export function holdPlace(panZoom: PanZoom, { before, after, anchorId, selectedId }: Held): void {
  if (panZoom.isFitted && anchorId === undefined) {
    panZoom.resized();
    return;
  }
  const { window } = panZoom;
  const isHeld = (node: GraphNode | undefined): node is GraphNode =>
    node !== undefined && after.byId.has(node.id) && isWhollyIn(node, window);
  const selected = before.byId.get(selectedId ?? '');
  const from = before.byId.get(anchorId ?? '') ?? (isHeld(selected) ? selected : before.nodes.find(isHeld));
  const to = from === undefined ? undefined : after.byId.get(from.id);
  if (from === undefined || to === undefined || (from.x === to.x && from.y === to.y)) return;
  const { k, x, y } = panZoom.viewport;
  panZoom.show({ k, x: x + (from.x - to.x) * k, y: y + (from.y - to.y) * k });
}

/** Brings a node into the window if it is outside; of a frame that is larger than the window, its beginning. */
export function bringIn(panZoom: PanZoom, node: GraphNode | undefined): void {
  const { window } = panZoom;
  if (node === undefined || isWhollyIn(node, window)) return;
  const across = Math.min(node.width, window.width * 0.9);
  const down = Math.min(node.height, window.height * 0.9);
  panZoom.centre(node.x + across / 2, node.y + down / 2);
}

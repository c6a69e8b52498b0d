/** Lines of the graph: from parents to their members, and from tasks to those that depend on them. Only what crosses the window is drawn. */
import type { GraphEdge, GraphNode } from '../model/graph-model.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph-model.ts';
import { html, setAttributes, svg } from './element.ts';

/** One path for all links: they have one look. */
export function drawLinks(group: SVGGElement, nodes: readonly GraphNode[], window: DOMRect): void {
  const parts: string[] = [];
  for (const node of nodes) {
    const { parent } = node;
    if (parent === undefined || !crosses(parent, node, window)) continue;
    const fromX = parent.x + NODE_WIDTH;
    const fromY = parent.y + NODE_HEIGHT / 2;
    const toY = node.y + NODE_HEIGHT / 2;
    const middle = (fromX + node.x) / 2;
    parts.push(`M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${node.x} ${toY}`);
  }
  const path = group.firstElementChild ?? group.appendChild(svg('path'));
  setAttributes(path, { d: parts.join('') });
}

/** Edges that are always drawn; of more, only those of the node in question. */
const EDGES_MAX = 300;

export interface EdgeOptions {
  readonly window: DOMRect;
  /** The node whose edges stand out. */
  readonly shownId: string | undefined;
}

export function drawEdges(group: SVGGElement, edges: readonly GraphEdge[], { window, shownId }: EdgeOptions): void {
  const paths: SVGPathElement[] = [];
  for (const { from, to } of edges) {
    const look = to.id === shownId ? 'in' : from.id === shownId ? 'out' : undefined;
    if ((look === undefined && edges.length > EDGES_MAX) || !crosses(from, to, window)) continue;
    const marker = look === undefined ? 'arrow' : `arrow-${look}`;
    const path = svg('path', {
      class: `edge edge-${look ?? 'quiet'}`,
      d: edgePath(from, to),
      'marker-end': `url(#${marker})`,
    });
    // What stands out is drawn last, over the rest.
    if (look === undefined) paths.unshift(path);
    else paths.push(path);
  }
  group.replaceChildren(...paths);
}

/** From the right side of the source to the left side of the target, or around the left of both when they stand below each other. */
function edgePath(from: GraphNode, to: GraphNode): string {
  const toX = to.x - 3;
  const fromY = from.y + NODE_HEIGHT / 2;
  const toY = to.y + NODE_HEIGHT / 2 + (fromY > to.y ? 8 : -8);
  if (to.x > from.x + NODE_WIDTH) {
    const fromX = from.x + NODE_WIDTH;
    const bend = Math.min(80, (toX - fromX) / 2);
    return `M${fromX} ${fromY}C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`;
  }
  const startY = from.y + NODE_HEIGHT / 2;
  const reach = Math.min(48, 18 + Math.abs(toY - startY) / 12);
  return `M${from.x} ${startY}C${from.x - reach} ${startY} ${toX - reach} ${toY} ${toX} ${toY}`;
}

function crosses(a: GraphNode, b: GraphNode, window: DOMRect): boolean {
  const left = Math.min(a.x, b.x) - 60;
  const right = Math.max(a.x, b.x) + NODE_WIDTH;
  const top = Math.min(a.y, b.y);
  const bottom = Math.max(a.y, b.y) + NODE_HEIGHT;
  return right >= window.left && left <= window.right && bottom >= window.top && top <= window.bottom;
}

/** Arrow heads of dependency edges. */
export function markers(): SVGDefsElement {
  const marker = (id: string) =>
    svg(
      'marker',
      {
        id,
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerUnits: 'userSpaceOnUse',
        markerWidth: 9,
        markerHeight: 9,
        orient: 'auto-start-reverse',
      },
      svg('path', { d: 'M0 0 L8 4 L0 8 z', class: id }),
    );
  return svg('defs', {}, marker('arrow'), marker('arrow-in'), marker('arrow-out'));
}

/** What the looks of the edges mean. */
export function legend(): HTMLElement {
  const entry = (className: string, text: string) => html('span', { class: `legend-entry ${className}` }, text);
  return html(
    'div',
    { class: 'legend', 'aria-hidden': 'true' },
    entry('legend-in', 'waits for'),
    entry('legend-out', 'is waited for by'),
  );
}

/** Lines of the tree picture: from parents to their members, and ways of dependencies across it. */
import type { GraphEdge, GraphLayout, GraphNode } from '../model/graph-model.ts';
import { html } from './element.ts';
import { headPath } from './route-path.ts';
import type { Bounds } from './route-path.ts';

/** All links between parents and members as one path. `window`: only those that cross it. */
export function linksPath(nodes: readonly GraphNode[], window?: DOMRect): string {
  const parts: string[] = [];
  for (const node of nodes) {
    const { parent } = node;
    if (parent === undefined || (window !== undefined && !crosses(parent, node, window))) continue;
    const fromX = parent.x + parent.width;
    const fromY = parent.y + parent.height / 2;
    const toY = node.y + node.height / 2;
    const middle = (fromX + node.x) / 2;
    parts.push(`M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${node.x} ${toY}`);
  }
  return parts.join('');
}

function crosses(a: GraphNode, b: GraphNode, window: DOMRect): boolean {
  const left = Math.min(a.x, b.x);
  const right = Math.max(a.x + a.width, b.x + b.width);
  const top = Math.min(a.y, b.y);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return right >= window.left && left <= window.right && bottom >= window.top && top <= window.bottom;
}

/** From the right side of the source to the left side of the target, or around the left of both when they stand below each other. */
export function straightRoute({ from, to }: GraphEdge): { path: string; head: string; bounds: Bounds } {
  const fromY = from.y + from.height / 2;
  const toY = to.y + to.height / 2 + (fromY > to.y ? 8 : -8);
  const bounds = {
    left: Math.min(from.x, to.x),
    right: Math.max(from.x + from.width, to.x),
    top: Math.min(from.y, to.y),
    bottom: Math.max(from.y + from.height, to.y + to.height),
  };
  const head = headPath([to.x, toY]);
  const toX = to.x - 3;
  if (to.x > from.x + from.width) {
    const fromX = from.x + from.width;
    const bend = Math.min(80, (toX - fromX) / 2);
    return { path: `M${fromX} ${fromY}C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`, head, bounds };
  }
  const reach = Math.min(48, 18 + Math.abs(toY - fromY) / 12);
  const path = `M${from.x} ${fromY}C${from.x - reach} ${fromY} ${toX - reach} ${toY} ${toX} ${toY}`;
  return { path, head, bounds };
}

/** What the looks of the edges mean. */
export class Legend {
  readonly element = html('div', { class: 'legend', 'aria-hidden': 'true' });
  readonly #trouble = entry('legend-trouble', 'after a failure');

  constructor() {
    this.element.append(entry('legend-in', 'waits for'), entry('legend-out', 'is waited for by'), this.#trouble);
  }

  /** Explains only what there is. */
  show({ edges, look }: GraphLayout): void {
    this.#trouble.hidden = look !== 'flow' || !edges.some(({ isOnTrouble }) => isOnTrouble);
  }
}

function entry(className: string, text: string): HTMLElement {
  return html('span', { class: `legend-entry ${className}` }, text);
}

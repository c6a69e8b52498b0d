/** The nodes of the graph that are in the document: those inside the window, and the selected one wherever it is. */
import { NODE_HEIGHT, NODE_WIDTH } from '../model/graph-model.ts';
import type { GraphNode } from '../model/graph-model.ts';
import { svg } from './element.ts';
import { NodePicture } from './graph-node.ts';
import type { NodeState } from './graph-node.ts';
import { PictureSet } from './picture-set.ts';

export class NodeLayer {
  readonly element = svg('g', { role: 'none' });
  readonly #pictures = new PictureSet((id) => new NodePicture(id));
  readonly #stateOf: (node: GraphNode) => NodeState;

  constructor(stateOf: (node: GraphNode) => NodeState) {
    this.#stateOf = stateOf;
  }

  /** `window`: what can be seen; undefined: the nodes are too small to be read. */
  draw(nodes: readonly GraphNode[], window: DOMRect | undefined, selected: GraphNode | undefined): void {
    const wanted = new Set<string>();
    const fragment = document.createDocumentFragment();
    for (const node of nodes) {
      const isSeen = window !== undefined && touches(node, window);
      if (node !== selected && !isSeen) continue;
      wanted.add(node.id);
      this.#pictures.provide(node.id, fragment).update(node, this.#stateOf(node));
    }
    this.#pictures.keepOnly(wanted);
    this.element.append(fragment);
  }

  /** A node looks different. */
  touch(node: GraphNode): void {
    this.#pictures.get(node.id)?.update(node, this.#stateOf(node));
  }

  /** Ids of the nodes that are in the document. */
  ids(): Iterable<string> {
    return this.#pictures.ids();
  }
}

function touches({ x, y }: GraphNode, window: DOMRect): boolean {
  return x + NODE_WIDTH >= window.left && x <= window.right && y + NODE_HEIGHT >= window.top && y <= window.bottom;
}

/** True when the whole node can be seen. */
export function isWhollyIn({ x, y }: GraphNode, window: DOMRect): boolean {
  return x >= window.x && y >= window.y && x + NODE_WIDTH <= window.right && y + NODE_HEIGHT <= window.bottom;
}

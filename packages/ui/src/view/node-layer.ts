/** The nodes of the graph that are in the document: those inside the window, and the selected one wherever it is. */
import { HEADER_HEIGHT } from '../layout/flow-problem.ts';
import type { GraphNode } from '../model/graph-model.ts';
import { svg } from './element.ts';
import { NodePicture } from './graph-node.ts';
import type { NodeState } from './graph-node.ts';
import { PictureSet } from './picture-set.ts';

export class NodeLayer {
  /** Below the lines: frames around members, outer ones first. Above the lines: all others. */
  readonly frames = svg('g', { role: 'none' });
  readonly boxes = svg('g', { role: 'none' });
  readonly #pictures = new PictureSet((id) => new NodePicture(id));
  readonly #stateOf: (node: GraphNode) => NodeState;

  constructor(stateOf: (node: GraphNode) => NodeState) {
    this.#stateOf = stateOf;
  }

  /** `window`: what can be seen; undefined: the nodes are too small to be read. */
  draw(nodes: readonly GraphNode[], window: DOMRect | undefined, selected: GraphNode | undefined): void {
    const wanted = new Set<string>();
    const frames: Element[] = [];
    for (const node of nodes) {
      const isSeen = window !== undefined && touches(node, window);
      if (node !== selected && !isSeen) continue;
      wanted.add(node.id);
      const layer = node.isFrame ? this.frames : this.boxes;
      const picture = this.#pictures.provide(node.id, layer);
      picture.update(node, this.#stateOf(node));
      if (picture.element.parentNode !== layer) layer.append(picture.element);
      if (node.isFrame) frames.push(picture.element);
    }
    this.#pictures.keepOnly(wanted);
    const isInOrder = frames.every((frame, at) => this.frames.children[at] === frame);
    if (!isInOrder) this.frames.append(...frames);
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

function touches({ x, y, width, height }: GraphNode, window: DOMRect): boolean {
  return x + width >= window.left && x <= window.right && y + height >= window.top && y <= window.bottom;
}

/** True when the whole node can be seen; of a frame, its name, or mostly what is inside of it. */
export function isWhollyIn({ x, y, width, height, isFrame }: GraphNode, window: DOMRect): boolean {
  if (isFrame) {
    const isNameIn =
      x >= window.x && x + HEADER_HEIGHT <= window.right && y >= window.y && y + HEADER_HEIGHT <= window.bottom;
    const across = Math.min(x + width, window.right) - Math.max(x, window.x);
    const down = Math.min(y + height, window.bottom) - Math.max(y, window.y);
    return isNameIn || (across > window.width / 2 && down > window.height / 2);
  }
  return x >= window.x && y >= window.y && x + width <= window.right && y + height <= window.bottom;
}

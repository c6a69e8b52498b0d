/** The nodes of the graph that are in the document: those inside the window, and the selected one wherever it is. */
import { HEADER_HEIGHT } from '../layout/flow-problem.ts';
import type { TaskView } from '@coppice/client';
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
  /** How each picture was drawn last: one that is the same is not drawn again because the window has moved. */
  readonly #drawn = new WeakMap<NodePicture, { readonly task: TaskView; readonly look: string }>();

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
      const state = this.#stateOf(node);
      const drawn = this.#drawn.get(picture);
      // At another moment of the run the tasks are others.
      if (drawn?.task !== node.task || drawn.look !== lookOf(node, state)) this.#update(picture, node, state);
      if (picture.element.parentNode !== layer) layer.append(picture.element);
      if (node.isFrame) frames.push(picture.element);
    }
    this.#pictures.keepOnly(wanted);
    const isInOrder = frames.every((frame, at) => this.frames.children[at] === frame);
    if (!isInOrder) this.frames.append(...frames);
  }

  /** A node looks different. */
  touch(node: GraphNode): void {
    const picture = this.#pictures.get(node.id);
    if (picture !== undefined) this.#update(picture, node, this.#stateOf(node));
  }

  #update(picture: NodePicture, node: GraphNode, state: NodeState): void {
    picture.update(node, state);
    this.#drawn.set(picture, { task: node.task, look: lookOf(node, state) });
  }

  /** Ids of the nodes that are in the document. */
  ids(): Iterable<string> {
    return this.#pictures.ids();
  }
}

/** All that a picture depends on but its task, of whose changes the layer is told, and the time. */
function lookOf({ x, y, width, height, isFrame, isCollapsed, task }: GraphNode, state: NodeState): string {
  const { isSelected, isFound, isNested } = state;
  const flags = [isFrame, isCollapsed, isSelected, isFound, isNested, task.children.length > 0];
  return `${x} ${y} ${width} ${height} ${task.status} ${flags.join()}`;
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

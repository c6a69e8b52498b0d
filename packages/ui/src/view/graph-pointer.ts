/** What a pointer does in a graph. */
import type { GraphNode } from '../model/graph-model.ts';

export interface PointerActs {
  /** The node at a place that has no element: it is drawn on the canvas. */
  readonly nodeAt: (event: MouseEvent) => GraphNode | undefined;
  readonly byId: (id: string) => GraphNode | undefined;
  readonly select: (node: GraphNode) => void;
  readonly toggle: (node: GraphNode) => void;
  readonly open: (node: GraphNode) => void;
  /** undefined: nothing is pointed at. */
  readonly hover: (id: string | undefined) => void;
}

export function listenToPointer(surface: SVGElement, acts: PointerActs, signal: AbortSignal): void {
  const nodeOf = (event: MouseEvent): GraphNode | undefined => {
    const id = event.target instanceof Element ? event.target.closest('[data-id]')?.getAttribute('data-id') : undefined;
    return id === null || id === undefined ? acts.nodeAt(event) : acts.byId(id);
  };
  const on = (type: 'click' | 'dblclick' | 'contextmenu' | 'pointermove', act: (event: MouseEvent) => void): void =>
    surface.addEventListener(type, act, { signal });
  on('click', (event) => {
    const node = nodeOf(event);
    if (node === undefined) return;
    if (event.target instanceof Element && event.target.closest('.node-toggle') !== null) acts.toggle(node);
    acts.select(node);
  });
  on('dblclick', (event) => {
    const node = nodeOf(event);
    if (node !== undefined) acts.open(node);
  });
  on('contextmenu', (event) => {
    const node = nodeOf(event);
    if (node !== undefined) acts.select(node);
  });
  on('pointermove', (event) => acts.hover(event.buttons === 0 ? nodeOf(event)?.id : undefined));
  surface.addEventListener('pointerleave', () => acts.hover(undefined), { signal });
}

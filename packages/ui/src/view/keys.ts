/** What the keyboard does in a picture. */
import { neighbour } from '../model/graph-model.ts';
import type { GraphLayout, GraphNode } from '../model/graph-model.ts';

/** What to do, by the name of the key. */
export type KeyActs = Readonly<Record<string, () => void>>;

/** Does what the key stands for, if anything; keys of the editor and the browser (with ctrl, ⌘, alt) stay theirs. */
export function actOnKey(event: KeyboardEvent, acts: KeyActs): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = acts[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

export interface GraphMoves {
  choose(target: GraphNode): void;
  /** undefined: the other way round. */
  fold(isCollapsed: boolean | undefined): void;
}

/** The keys of a tree (WAI-ARIA Authoring Practices, Tree View). */
export function graphKeys(layout: GraphLayout, node: GraphNode, moves: GraphMoves): KeyActs {
  const isOpen = node.children.length > 0 && !node.isCollapsed;
  return {
    ArrowDown: () => moves.choose(neighbour(layout, node, 'next')),
    ArrowUp: () => moves.choose(neighbour(layout, node, 'previous')),
    ArrowRight: () => (node.isCollapsed ? moves.fold(false) : moves.choose(neighbour(layout, node, 'child'))),
    ArrowLeft: () =>
      isOpen && node.parent !== undefined ? moves.fold(true) : moves.choose(neighbour(layout, node, 'parent')),
    Home: () => moves.choose(neighbour(layout, node, 'first')),
    End: () => moves.choose(neighbour(layout, node, 'last')),
    ' ': () => moves.fold(undefined),
  };
}

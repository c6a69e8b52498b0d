/**
 * Lines of a graph: in a tree picture from parents to members, and dependencies between nodes. Only what crosses the window
 * is drawn. Dependencies of the node in question stand out, each as an element of its own; the quiet ones are a few elements
 * together, however many they are.
 */
import type { GraphEdge, GraphLayout, GraphNode } from '../model/graph-model.ts';
import { setAttributes, svg } from './element.ts';
import { linksPath, straightRoute } from './graph-lines.ts';
import { boundsOf, headPath, routePath } from './route-path.ts';
import type { Bounds } from './route-path.ts';

/** Quiet edges of a tree picture, which cross what they do not belong to, are left out when there are more. */
const TREE_EDGES_MAX = 300;
/** How far a bent line may leave the rectangle around its points, px. */
const SWING = 60;

interface DrawnEdge {
  readonly edge: GraphEdge;
  readonly path: string;
  readonly head: string;
  readonly bounds: Bounds;
}

export class EdgeLayer {
  readonly element = svg('g', { class: 'edges', 'aria-hidden': 'true' });
  readonly #links = svg('path', { class: 'links' });
  readonly #quiet = svg('path', { class: 'edge edge-quiet' });
  readonly #trouble = svg('path', { class: 'edge edge-quiet edge-trouble' });
  readonly #heads = svg('path', { class: 'edge-heads' });
  readonly #told = svg('g');
  #edges: readonly DrawnEdge[] = [];
  #whole: Path2D | undefined;
  #layout: GraphLayout | undefined;

  constructor() {
    this.element.append(this.#links, this.#quiet, this.#trouble, this.#heads, this.#told);
  }

  /** undefined: there is nothing to show. */
  show(layout: GraphLayout | undefined): void {
    this.#layout = layout;
    this.#whole = undefined;
    this.#edges = (layout?.edges ?? []).map((edge) => {
      if (edge.route === undefined) return { edge, ...straightRoute(edge) };
      return { edge, path: routePath(edge.route), head: headPath(edge.route), bounds: boundsOf(edge.route) };
    });
    setAttributes(this.element, { class: `edges edges-${layout?.look ?? 'none'}` });
  }

  /** The lines that can be told apart from afar, for a canvas: of a flow its edges, of a tree those to members. */
  get whole(): Path2D {
    this.#whole ??= new Path2D(
      this.#tree === undefined ? this.#edges.map(({ path }) => path).join('') : linksPath(this.#tree),
    );
    return this.#whole;
  }

  /** `window`: what can be seen; undefined: it is too far. `shownId`: the node whose edges stand out. */
  draw(window: DOMRect | undefined, shownId: string | undefined): void {
    const quiet: string[] = [];
    const trouble: string[] = [];
    const heads: string[] = [];
    const told: SVGPathElement[] = [];
    const hasQuiet = this.#tree === undefined || this.#edges.length <= TREE_EDGES_MAX;
    const links = this.#tree === undefined || window === undefined ? '' : linksPath(this.#tree, window);
    setAttributes(this.#links, { d: links });
    for (const { edge, path, head, bounds } of window === undefined ? [] : this.#edges) {
      if (window === undefined || !crosses(bounds, window)) continue;
      const look = shownId === undefined ? undefined : lookOf(edge, shownId);
      if (look !== undefined) {
        told.push(
          svg('path', { class: `edge edge-${look}`, d: path }),
          svg('path', { class: `head-${look}`, d: head }),
        );
      } else if (hasQuiet) {
        (edge.isOnTrouble ? trouble : quiet).push(path);
        heads.push(head);
      }
    }
    setAttributes(this.#quiet, { d: quiet.join('') });
    setAttributes(this.#trouble, { d: trouble.join('') });
    setAttributes(this.#heads, { d: heads.join('') });
    this.#told.replaceChildren(...told);
  }

  /** The nodes of a tree picture. */
  get #tree(): readonly GraphNode[] | undefined {
    return this.#layout?.look === 'tree' ? this.#layout.nodes : undefined;
  }
}

function lookOf({ from, to, fromIds, toIds }: GraphEdge, id: string): 'in' | 'out' | undefined {
  if (to.id === id || toIds.has(id)) return 'in';
  return from.id === id || fromIds.has(id) ? 'out' : undefined;
}

function crosses({ left, right, top, bottom }: Bounds, window: DOMRect): boolean {
  return (
    right + SWING >= window.left &&
    left - SWING <= window.right &&
    bottom + SWING >= window.top &&
    top - SWING <= window.bottom
  );
}

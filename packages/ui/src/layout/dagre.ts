/** The parts of dagre that we use. Its own declarations name their files without endings, which a module may not. */
import * as dagre from '@dagrejs/dagre';

interface DagreGraph {
  setGraph(options: Readonly<Record<string, string | number>>): unknown;
  setNode(name: string, size: { readonly width: number; readonly height: number }): unknown;
  setEdge(from: string, to: string, options: { readonly minlen: number }): unknown;
  /** Places are those of the middle. */
  node(name: string): { readonly x: number; readonly y: number };
  edge(from: string, to: string): { readonly points: readonly { readonly x: number; readonly y: number }[] };
}

interface Dagre {
  readonly Graph: new () => DagreGraph;
  readonly layout: (graph: DagreGraph) => void;
}

export const { Graph, layout } = dagre as unknown as Dagre;

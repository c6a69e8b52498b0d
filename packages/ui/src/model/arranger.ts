/**
 * Finds the places of what is seen. A tree has them at once; a flow is asked of a layouter.
 *
 * 1. One question at a time: while it is answered, only the newest wish is kept.
 * 2. What is asked again is answered at once: a cursor that moves through a run changes looks, not places.
 */
import type { RunView } from '@coppice/client';
import type { GraphLook } from '../view-channel.ts';
import type { FlowPicture, FlowProblem } from '../layout/flow-problem.ts';
import { gatherEdges, outlineEdges } from './graph-edges.ts';
import { graphOf } from './graph-model.ts';
import type { GraphLayout, PlacedOutline } from './graph-model.ts';
import { outlineOf } from './graph-outline.ts';
import { layoutTree } from './tree-layout.ts';

export interface Arrangement {
  readonly view: RunView;
  readonly collapsed: ReadonlySet<string>;
  readonly look: GraphLook;
}

export interface ArrangerOptions {
  readonly place: (problem: FlowProblem) => Promise<FlowPicture>;
  readonly arranged: (layout: GraphLayout) => void;
  /** The flow can not be laid out. */
  readonly failed: (error: unknown) => void;
}

type Outline = Omit<PlacedOutline, 'places' | 'routes'>;

interface Wish {
  readonly view: RunView;
  readonly outline: Outline;
  readonly problem: FlowProblem;
  readonly key: string;
}

export class Arranger {
  readonly #options: ArrangerOptions;
  #wished: Wish | undefined;
  #view: RunView | undefined;
  #isAsking = false;
  #last: { readonly key: string; readonly picture: FlowPicture } | undefined;

  constructor(options: ArrangerOptions) {
    this.#options = options;
  }

  arrange({ view, collapsed, look }: Arrangement): void {
    const rows = outlineOf(view, collapsed);
    const edges = outlineEdges(view, rows);
    this.#wished = undefined;
    this.#view = look === 'flow' ? view : undefined;
    if (look === 'tree') {
      this.#options.arranged(graphOf({ look, rows, edges, places: layoutTree(rows), routes: undefined }));
      return;
    }
    const gathered = gatherEdges(edges, rows);
    const problem = {
      boxes: rows.map(({ parent, isOpen }) => ({ parent, isOpen })),
      lines: gathered.map(({ from, to }) => [from, to] as const),
    };
    const wish: Wish = { view, outline: { look, rows, edges: gathered }, problem, key: JSON.stringify(problem) };
    if (wish.key === this.#last?.key) this.#answer(wish, this.#last.picture);
    else {
      this.#wished = wish;
      if (!this.#isAsking) void this.#ask();
    }
  }

  /** Forgets what is wished. */
  stop(): void {
    this.#wished = undefined;
    this.#view = undefined;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    for (let wish = this.#wished; wish !== undefined; wish = this.#wished) {
      this.#wished = undefined;
      try {
        const picture = await this.#options.place(wish.problem);
        this.#last = { key: wish.key, picture };
        // A run that grows gets a picture for each answer; that of another run, or of another moment, would be a lie.
        if (wish.view === this.#view) this.#answer(wish, picture);
      } catch (error) {
        if (wish.view === this.#view) this.#options.failed(error);
      }
    }
    this.#isAsking = false;
  }

  #answer({ outline }: Wish, { places, routes }: FlowPicture): void {
    this.#options.arranged(graphOf({ ...outline, places, routes }));
  }
}

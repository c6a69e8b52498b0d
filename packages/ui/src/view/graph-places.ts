/** Where the nodes of a graph are: which look, what is folded, and what waits until the places are known. */
import type { RunView } from '@coppice/client';
import type { GraphLook } from '../view-channel.ts';
import { Arranger } from '../model/arranger.ts';
import { foldNewcomers } from '../model/first-look.ts';
import { isMisplaced } from '../model/graph-model.ts';
import type { GraphLayout } from '../model/graph-model.ts';
import type { Change } from '../model/run-model.ts';
import type { FlowLayouter } from './flow-layouter.ts';

/** Places that are new, those before them, and the node that was folded or unfolded. */
export interface NewPlaces {
  readonly before: GraphLayout | undefined;
  readonly after: GraphLayout;
  readonly anchorId: string | undefined;
}

export interface GraphPlacesOptions {
  readonly layouter: FlowLayouter;
  /** The places are known; what waits for them comes next. */
  readonly placed: (places: NewPlaces) => void;
  /** What waited is done: draw it. */
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export class GraphPlaces {
  look: GraphLook = 'flow';
  collapsed = new Set<string>();
  /** undefined: nothing is placed yet. */
  layout: GraphLayout | undefined;
  readonly #arranger: Arranger;
  readonly #options: GraphPlacesOptions;
  #anchorId: string | undefined;
  #waiting: (() => void)[] = [];
  #isArranging = false;

  constructor(options: GraphPlacesOptions) {
    this.#options = options;
    this.#arranger = new Arranger({
      place: (problem) => options.layouter.place(problem),
      arranged: (layout) => this.#arranged(layout),
      failed: options.failed,
    });
  }

  /** Finds the places anew. `anchorId`: the node that is to stay where it is in the window. */
  arrange(view: RunView, anchorId?: string): void {
    this.#anchorId = anchorId;
    this.#isArranging = true;
    this.#arranger.arrange({ view, collapsed: this.collapsed, look: this.look });
  }

  /** Does it with the next places: what `arrange` is going to find, or is finding now. */
  afterwards(act: () => void): void {
    this.#waiting.push(act);
  }

  /** Does it now, or with the places that are being found. */
  whenPlaced(act: () => void): void {
    if (this.#isArranging) this.afterwards(act);
    else act();
  }

  /** Takes in that tasks changed. True when one came or went, so that the places are others. */
  takeIn({ tasks }: Change & { readonly kind: 'tasks' }): boolean {
    const { layout } = this;
    if (layout === undefined) return false;
    foldNewcomers(tasks, layout, this.collapsed);
    return tasks.some((task) => isMisplaced(layout, task));
  }

  forget(): void {
    this.#arranger.stop();
    this.#isArranging = false;
    this.#waiting = [];
    this.layout = undefined;
  }

  #arranged(layout: GraphLayout): void {
    const { layout: before } = this;
    const anchorId = this.#anchorId;
    this.layout = layout;
    this.#isArranging = false;
    this.#anchorId = undefined;
    this.#options.placed({ before, after: layout, anchorId });
    for (const act of this.#waiting.splice(0)) act();
    this.#options.done();
  }
}

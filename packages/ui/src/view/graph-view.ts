/**
 * The graph of a run: a flow (boxes in boxes, arrows from left to right) or a tree (members to the right of what they belong to).
 *
 * 1. Only nodes inside the window are in the document; a change of one task touches one node.
 * 2. One tab stop: the tree has the focus, `aria-activedescendant` names the node; that node is always in the document.
 * 3. Places change only when nodes come, go, fold or unfold; then what a person looks at stays where it is in the window.
 */
import type { TaskView } from '@coppice/client';
import type { GraphLook } from '../view-channel.ts';
import { collapsedAtFirst } from '../model/first-look.ts';
import { foldAll, unfoldAbove } from '../model/folding.ts';
import { nodeFor } from '../model/graph-model.ts';
import type { GraphLayout, GraphNode } from '../model/graph-model.ts';
import type { Change, RunModel } from '../model/run-model.ts';
import { html, iconButton, setAttributes, setText, toolbar } from './element.ts';
import type { FlowLayouter } from './flow-layouter.ts';
import { fitInto } from './graph-canvas.ts';
import type { NodeState } from './graph-node.ts';
import { GraphPlaces } from './graph-places.ts';
import type { NewPlaces } from './graph-places.ts';
import { listenToPointer } from './graph-pointer.ts';
import { GraphStage } from './graph-stage.ts';
import { bringIn } from './held-place.ts';
import { isKeptGraph, keptLook } from './kept-state.ts';
import type { KeptGraph } from './kept-state.ts';
import { actOnKey, graphKeys } from './keys.ts';
import { LayoutNote } from './layout-note.ts';
import type { Picture, PictureEvents } from './picture.ts';
import { SearchBox } from './search-box.ts';

const TICK_MS = 1000;

export class GraphView implements Picture {
  readonly #events: PictureEvents;
  readonly #root: HTMLElement;
  readonly #places: GraphPlaces;
  readonly #lookButton = iconButton('Tree: members to the right of what they belong to', 'Tree', () =>
    this.#switchLook(),
  );
  readonly #note = new LayoutNote();
  readonly #search: SearchBox;
  readonly #spoken = html('div', { class: 'spoken', 'aria-live': 'polite' });
  readonly #abort = new AbortController();
  readonly #stage: GraphStage;
  readonly #timer: ReturnType<typeof setInterval>;
  #model: RunModel | undefined;
  #treeId: string | undefined;
  #nowMs = 0;
  #nowSetAtMs = 0;
  #kept: KeptGraph | undefined;

  constructor(parent: HTMLElement, events: PictureEvents, layouter: FlowLayouter) {
    this.#events = events;
    const { signal } = this.#abort;
    this.#stage = new GraphStage({
      stateOf: (node) => this.#stateOf(node),
      selected: () => this.#selectedNode(),
      moved: () => events.stateChanged(),
      signal,
    });
    this.#places = new GraphPlaces({
      layouter,
      placed: (places) => this.#placed(places),
      done: () => this.#stage.draw(),
      failed: (error) => this.#giveUpFlow(error),
    });
    this.#search = new SearchBox(
      {
        changed: () => this.#stage.draw(),
        choose: (id) => events.select(id),
        leave: () => this.#stage.tree.focus(),
      },
      signal,
    );
    const parts = [this.#toolbar(), this.#stage.element, this.#spoken];
    this.#root = html('section', { class: 'graph', 'aria-label': 'Graph' }, ...parts);
    parent.append(this.#root);
    this.#listen();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  update(model: RunModel, change: Change, nowMs: number): void {
    this.#model = model;
    this.#nowMs = nowMs;
    this.#nowSetAtMs = performance.now();
    switch (change.kind) {
      case 'all':
        this.#showTree(model);
        break;
      case 'tasks':
        for (const task of change.tasks) this.#touch(task);
        if (this.#places.takeIn(change)) this.#arrange();
        this.#stage.drawFarSoon();
        break;
      case 'selection':
        if (change.reveal) this.#reveal(model.selected);
        this.#search.update(this.#model);
        this.#stage.draw();
        break;
      default:
        break;
    }
  }

  readState(): unknown {
    if (this.#treeId === undefined) return undefined;
    const { panZoom } = this.#stage;
    return {
      treeId: this.#treeId,
      viewport: panZoom.isFitted ? undefined : panZoom.viewport,
      collapsed: [...this.#places.collapsed],
      look: this.#places.look,
    } satisfies KeptGraph & {
      readonly look: GraphLook;
    };
  }

  restoreState(state: unknown): void {
    this.#kept = isKeptGraph(state) ? state : undefined;
    this.#places.look = keptLook(state);
    this.#showLook();
  }

  dispose(): void {
    this.#abort.abort();
    this.#places.forget();
    this.#stage.dispose();
    clearInterval(this.#timer);
    this.#note.dispose();
    this.#root.remove();
  }

  /** Another tree, or another moment of the same. */
  #showTree(model: RunModel): void {
    const isSame = model.treeId === this.#treeId;
    if (!isSame) this.#forgetTree();
    if (model.shown.root === undefined) return;
    if (!isSame) {
      this.#treeId = model.treeId;
      const kept = this.#kept?.treeId === model.treeId ? this.#kept : undefined;
      this.#kept = undefined;
      this.#places.collapsed = kept === undefined ? collapsedAtFirst(model.shown) : new Set(kept.collapsed);
      const { viewport } = kept ?? {};
      this.#places.afterwards(() => (viewport === undefined ? this.#stage.fit() : this.#stage.panZoom.show(viewport)));
    }
    this.#arrange();
    setAttributes(this.#stage.tree, { 'aria-label': `Task graph of ${model.shown.root.definition.name}` });
  }

  #forgetTree(): void {
    this.#places.forget();
    this.#treeId = undefined;
    this.#stage.clear();
  }

  #arrange(anchorId?: string): void {
    if (this.#model?.shown.root === undefined) return;
    this.#note.begun();
    this.#places.arrange(this.#model.shown, anchorId);
  }

  #placed(places: NewPlaces): void {
    this.#note.placed(places.after.look);
    this.#search.update(this.#model);
    this.#stage.place(places);
  }

  #giveUpFlow(error: unknown): void {
    this.#note.failed(error);
    this.#setLook('tree');
  }

  #switchLook(): void {
    this.#setLook(this.#places.look === 'flow' ? 'tree' : 'flow');
    this.#events.choose(this.#places.look);
    this.#events.stateChanged();
  }

  #setLook(look: GraphLook): void {
    this.#places.look = look;
    this.#showLook();
    this.#places.afterwards(() => this.#stage.fit());
    this.#arrange();
  }

  #showLook(): void {
    setAttributes(this.#lookButton, { 'aria-pressed': String(this.#places.look === 'tree') });
  }

  /** One task looks different: its own node, or that of the group it is hidden in. */
  #touch(task: TaskView): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const node = nodeFor(layout, task);
    if (node !== undefined) this.#stage.touch(node);
    if (task.id === this.#model?.selectedId) setText(this.#spoken, `${task.definition.name}: ${task.status}`);
  }

  get #layout(): GraphLayout | undefined {
    return this.#places.layout;
  }

  #stateOf(node: GraphNode): NodeState {
    return {
      isSelected: node.id === this.#selectedNode()?.id,
      isFound: this.#search.isFound(node.task),
      isNested: this.#layout?.look === 'flow',
      nowMs: this.#nowMs,
    };
  }

  /** The node of the selected task, or of the group that hides it. */
  #selectedNode(): GraphNode | undefined {
    return this.#layout === undefined ? undefined : nodeFor(this.#layout, this.#model?.selected);
  }

  /** Opens what hides the task, and brings it into the window if it is outside. */
  #reveal(task: TaskView | undefined): void {
    if (task === undefined) return;
    if (unfoldAbove(task, this.#places.collapsed)) this.#arrange();
    this.#places.whenPlaced(() => bringIn(this.#stage.panZoom, this.#layout?.byId.get(task.id)));
  }

  #toggle(node: GraphNode, isCollapsed = !node.isCollapsed): void {
    if (node.task.children.length === 0) return;
    if (isCollapsed) this.#places.collapsed.add(node.id);
    else this.#places.collapsed.delete(node.id);
    this.#events.stateChanged();
    this.#arrange(node.id);
  }

  #toolbar(): HTMLElement {
    const { panZoom } = this.#stage;
    return toolbar(
      'Graph',
      [this.#search.input, this.#search.count, this.#note.element, this.#lookButton],
      [
        ['Fold all groups', '⊟', () => this.#foldAll(true)],
        ['Unfold all groups', '⊞', () => this.#foldAll(false)],
        ['Zoom out (−)', '−', () => panZoom.zoomOut()],
        ['Zoom in (+)', '+', () => panZoom.zoomIn()],
        ['Fit (0)', '⤢', () => this.#fit()],
      ],
    );
  }

  /** Shows all of it: what there is now, or what is being placed. */
  #fit(): void {
    this.#places.whenPlaced(() => this.#stage.fit(fitInto));
  }

  #foldAll(isFolded: boolean): void {
    const view = this.#model?.shown;
    if (view === undefined) return;
    foldAll(view, this.#places.collapsed, isFolded);
    this.#places.afterwards(() => this.#stage.fit());
    this.#arrange();
  }

  #listen(): void {
    const { signal } = this.#abort;
    const { tree } = this.#stage;
    const acts = {
      nodeAt: (event: MouseEvent) => this.#stage.nodeAt(event),
      byId: (id: string) => this.#layout?.byId.get(id),
      select: ({ id }: GraphNode) => this.#events.select(id),
      toggle: (node: GraphNode) => this.#toggle(node),
      open: (node: GraphNode) => this.#open(node),
      hover: (id: string | undefined) => this.#stage.hover(id),
    };
    listenToPointer(tree, acts, signal);
    tree.addEventListener('keydown', (event) => this.#key(event), { signal });
    const selectFirst = (): void => {
      const first = this.#layout?.nodes[0];
      if (this.#selectedNode() === undefined && first !== undefined) this.#events.select(first.id);
    };
    tree.addEventListener('focus', selectFirst, { signal });
  }

  #open(node: GraphNode): void {
    if (this.#model?.actions.includes('openDetails') === true) this.#events.act('openDetails', node.id);
  }

  #key(event: KeyboardEvent): void {
    const layout = this.#layout;
    const node = this.#selectedNode() ?? layout?.nodes[0];
    if (layout === undefined || node === undefined) return;
    const { panZoom } = this.#stage;
    actOnKey(event, {
      ...graphKeys(layout, node, {
        choose: (target) => this.#events.select(target.id),
        fold: (isCollapsed) => this.#toggle(node, isCollapsed),
      }),
      Enter: () => this.#open(node),
      '+': () => panZoom.zoomIn(),
      '=': () => panZoom.zoomIn(),
      '-': () => panZoom.zoomOut(),
      '0': () => this.#fit(),
      '/': () => this.#search.input.focus(),
    });
  }

  /** Durations of what runs go on. */
  #tick(): void {
    if (document.hidden || this.#model === undefined || this.#model.cursor !== undefined) return;
    this.#nowMs += performance.now() - this.#nowSetAtMs;
    this.#nowSetAtMs = performance.now();
    for (const node of this.#stage.nodes()) {
      if (node.task.status === 'running' || node.task.status === 'waiting') this.#stage.touch(node);
    }
  }
}

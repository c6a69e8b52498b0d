/**
 * The graph of a run: SVG for what can be seen, a canvas when it is too far to be read, and a minimap. A flow (boxes in boxes, arrows
 * from left to right) or a tree (members to the right of what they belong to).
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
import { EdgeLayer } from './edge-layer.ts';
import { html, iconButton, setAttributes, setText, svg, toolbar } from './element.ts';
import { FarView } from './far-view.ts';
import type { FlowLayouter } from './flow-layouter.ts';
import { FAR_ZOOM, fitInto, fitReadably } from './graph-canvas.ts';
import type { Box } from './graph-canvas.ts';
import { Legend } from './graph-lines.ts';
import { elementId } from './graph-node.ts';
import type { NodeState } from './graph-node.ts';
import { GraphPlaces } from './graph-places.ts';
import type { NewPlaces } from './graph-places.ts';
import { listenToPointer } from './graph-pointer.ts';
import type { PointerActs } from './graph-pointer.ts';
import { bringIn, holdPlace } from './held-place.ts';
import { isKeptGraph, keptLook } from './kept-state.ts';
import type { KeptGraph } from './kept-state.ts';
import { actOnKey, graphKeys } from './keys.ts';
import { LayoutNote } from './layout-note.ts';
import { NodeLayer } from './node-layer.ts';
import { PanZoom } from './pan-zoom.ts';
import type { Picture, PictureEvents } from './picture.ts';
import { SearchBox } from './search-box.ts';

const TICK_MS = 1000;

export class GraphView implements Picture {
  readonly #events: PictureEvents;
  readonly #root: HTMLElement;
  readonly #stage = html('div', { class: 'graph-stage' });
  readonly #tree = svg('svg', { class: 'graph-near', role: 'tree', tabindex: 0, 'aria-label': 'Task graph' });
  readonly #world = svg('g');
  readonly #edges = new EdgeLayer();
  readonly #places: GraphPlaces;
  readonly #lookButton = iconButton('Tree: members to the right of what they belong to', 'Tree', () =>
    this.#switchLook(),
  );
  readonly #note = new LayoutNote();
  readonly #nodes = new NodeLayer((node) => this.#stateOf(node));
  readonly #search: SearchBox;
  readonly #spoken = html('div', { class: 'spoken', 'aria-live': 'polite' });
  readonly #legend = new Legend();
  readonly #far = new FarView((x, y) => this.#panZoom.centre(x, y));
  readonly #panZoom: PanZoom;
  readonly #abort = new AbortController();
  readonly #resized: ResizeObserver;
  readonly #timer: ReturnType<typeof setInterval>;
  #model: RunModel | undefined;
  #treeId: string | undefined;
  #hoveredId: string | undefined;
  #nowMs = 0;
  #nowSetAtMs = 0;
  #frame = 0;
  #kept: KeptGraph | undefined;

  constructor(parent: HTMLElement, events: PictureEvents, layouter: FlowLayouter) {
    this.#events = events;
    this.#places = new GraphPlaces({
      layouter,
      placed: (places) => this.#placed(places),
      done: () => this.#draw(),
      failed: (error) => this.#giveUpFlow(error),
    });
    this.#search = new SearchBox(
      { changed: () => this.#draw(), choose: (id) => this.#events.select(id), leave: () => this.#tree.focus() },
      this.#abort.signal,
    );
    this.#root = html('section', { class: 'graph', 'aria-label': 'Graph' }, this.#toolbar(), this.#stage, this.#spoken);
    this.#stage.append(this.#far.canvas, this.#tree, this.#far.minimap, this.#legend.element);
    this.#tree.append(this.#world);
    this.#world.append(this.#nodes.frames, this.#edges.element, this.#nodes.boxes);
    parent.append(this.#root);
    this.#panZoom = new PanZoom(this.#tree, () => this.#moved(), this.#abort.signal);
    this.#listen();
    this.#resized = new ResizeObserver(() => this.#resize());
    this.#resized.observe(this.#stage);
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
        this.#drawFarSoon();
        break;
      case 'selection':
        if (change.reveal) this.#reveal(model.selected);
        this.#search.update(this.#model);
        this.#draw();
        break;
      default:
        break;
    }
  }

  readState(): unknown {
    if (this.#treeId === undefined) return undefined;
    const viewport = this.#panZoom.isFitted ? undefined : this.#panZoom.viewport;
    return {
      treeId: this.#treeId,
      viewport,
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
    this.#resized.disconnect();
    clearInterval(this.#timer);
    this.#note.dispose();
    cancelAnimationFrame(this.#frame);
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
      this.#places.afterwards(() => (kept?.viewport === undefined ? this.#fit() : this.#panZoom.show(kept.viewport)));
    }
    this.#arrange();
    setAttributes(this.#tree, { 'aria-label': `Task graph of ${model.shown.root.definition.name}` });
  }

  #forgetTree(): void {
    this.#places.forget();
    this.#treeId = undefined;
    this.#edges.show(undefined);
    this.#nodes.draw([], undefined, undefined);
  }

  #arrange(anchorId?: string): void {
    if (this.#model?.shown.root === undefined) return;
    this.#note.begun();
    this.#places.arrange(this.#model.shown, anchorId);
  }

  #placed({ before, after, anchorId }: NewPlaces): void {
    this.#note.placed(after.look);
    this.#edges.show(after);
    this.#legend.show(after);
    this.#search.update(this.#model);
    const selectedId = this.#selectedNode()?.id;
    if (before?.look === after.look) holdPlace(this.#panZoom, { before, after, anchorId, selectedId });
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
    this.#places.afterwards(() => this.#fit());
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
    if (node !== undefined) this.#nodes.touch(node);
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

  #moved(): void {
    this.#events.stateChanged();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #resize(): void {
    this.#panZoom.resized();
    // Now, not once more in the next frame.
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  #drawFarSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawFar());
  }

  #draw(): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const { k, x, y } = this.#panZoom.viewport;
    const isFar = k < FAR_ZOOM;
    setAttributes(this.#world, { transform: `translate(${x}, ${y}) scale(${k})`, class: isFar ? 'is-far' : undefined });
    const { window } = this.#panZoom;
    const selected = this.#selectedNode();
    this.#nodes.draw(layout.nodes, isFar ? undefined : window, selected);
    setAttributes(this.#tree, { 'aria-activedescendant': selected === undefined ? undefined : elementId(selected.id) });
    this.#edges.draw(isFar ? undefined : window, this.#hoveredId ?? selected?.id);
    this.#drawFar();
  }

  #drawFar(): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    this.#far.draw(layout, this.#panZoom, { selectedId: this.#selectedNode()?.id, lines: this.#edges.whole });
  }

  #fit(place = fitReadably): void {
    this.#panZoom.fit(() => (this.#layout === undefined ? undefined : place(this.#layout, boxOf(this.#stage))));
  }

  /** Opens what hides the task, and brings it into the window if it is outside. */
  #reveal(task: TaskView | undefined): void {
    if (task === undefined) return;
    if (unfoldAbove(task, this.#places.collapsed)) this.#arrange();
    this.#places.whenPlaced(() => bringIn(this.#panZoom, this.#layout?.byId.get(task.id)));
  }

  #toggle(node: GraphNode, isCollapsed = !node.isCollapsed): void {
    if (node.task.children.length === 0) return;
    if (isCollapsed) this.#places.collapsed.add(node.id);
    else this.#places.collapsed.delete(node.id);
    this.#events.stateChanged();
    this.#arrange(node.id);
  }

  #toolbar(): HTMLElement {
    return toolbar(
      'Graph',
      [this.#search.input, this.#search.count, this.#note.element, this.#lookButton],
      [
        ['Fold all groups', '⊟', () => this.#foldAll(true)],
        ['Unfold all groups', '⊞', () => this.#foldAll(false)],
        ['Zoom out (−)', '−', () => this.#panZoom.zoomOut()],
        ['Zoom in (+)', '+', () => this.#panZoom.zoomIn()],
        ['Fit (0)', '⤢', () => this.#fit(fitInto)],
      ],
    );
  }

  #foldAll(isFolded: boolean): void {
    const view = this.#model?.shown;
    if (view === undefined) return;
    foldAll(view, this.#places.collapsed, isFolded);
    this.#places.afterwards(() => this.#fit());
    this.#arrange();
  }

  #listen(): void {
    const { signal } = this.#abort;
    const acts: PointerActs = {
      nodeAt: (event) => this.#nodeAt(event),
      byId: (id) => this.#layout?.byId.get(id),
      select: ({ id }) => this.#events.select(id),
      toggle: (node) => this.#toggle(node),
      open: (node) => this.#open(node),
      hover: (id) => this.#hover(id),
    };
    listenToPointer(this.#tree, acts, signal);
    this.#tree.addEventListener('keydown', (event) => this.#key(event), { signal });
    const selectFirst = (): void => {
      const first = this.#layout?.nodes[0];
      if (this.#selectedNode() === undefined && first !== undefined) this.#events.select(first.id);
    };
    this.#tree.addEventListener('focus', selectFirst, { signal });
  }

  #hover(id: string | undefined): void {
    if (id === this.#hoveredId) return;
    this.#hoveredId = id;
    this.#moved();
  }

  /** From far there are no elements: the innermost node at the place. */
  #nodeAt(event: MouseEvent): GraphNode | undefined {
    if (this.#panZoom.viewport.k >= FAR_ZOOM) return undefined;
    const [x, y] = this.#panZoom.placeOf(event);
    return this.#layout?.nodes.findLast(
      (node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height,
    );
  }

  #open(node: GraphNode): void {
    if (this.#model?.actions.includes('openDetails') === true) this.#events.act('openDetails', node.id);
  }

  #key(event: KeyboardEvent): void {
    const layout = this.#layout;
    const node = this.#selectedNode() ?? layout?.nodes[0];
    if (layout === undefined || node === undefined) return;
    actOnKey(event, {
      ...graphKeys(layout, node, {
        choose: (target) => this.#events.select(target.id),
        fold: (isCollapsed) => this.#toggle(node, isCollapsed),
      }),
      Enter: () => this.#open(node),
      '+': () => this.#panZoom.zoomIn(),
      '=': () => this.#panZoom.zoomIn(),
      '-': () => this.#panZoom.zoomOut(),
      '0': () => this.#fit(fitInto),
      '/': () => this.#search.input.focus(),
    });
  }

  /** Durations of what runs go on. */
  #tick(): void {
    if (document.hidden || this.#model === undefined || this.#model.cursor !== undefined) return;
    this.#nowMs += performance.now() - this.#nowSetAtMs;
    this.#nowSetAtMs = performance.now();
    for (const id of this.#nodes.ids()) {
      const node = this.#layout?.byId.get(id);
      const isGoing = node?.task.status === 'running' || node?.task.status === 'waiting';
      if (node !== undefined && isGoing) this.#nodes.touch(node);
    }
  }
}

/** A stage that is not shown yet has no size. */
function boxOf({ clientWidth, clientHeight }: HTMLElement): Box {
  return { width: Math.max(clientWidth, 100), height: Math.max(clientHeight, 100), margin: 16 };
}

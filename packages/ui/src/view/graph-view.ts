/**
 * The graph of a run: SVG for what can be seen, a canvas when it is too far to be read, and a minimap.
 *
 * 1. Only nodes inside the window are in the document; a change of one task touches one node.
 * 2. One tab stop: the tree has the focus, `aria-activedescendant` names the node; that node is always in the document.
 * 3. Places change only when nodes come, go, fold or unfold.
 */
import type { TaskView } from '@coppice/client';
import { collapsedAtFirst, graphEdges, layoutGraph, NODE_HEIGHT, NODE_WIDTH, nodeFor } from '../model/graph-model.ts';
import { unfoldAbove } from '../model/folding.ts';
import type { GraphEdge, GraphLayout, GraphNode } from '../model/graph-model.ts';
import type { Change, RunModel } from '../model/run-model.ts';
import { html, setAttributes, setText, svg, toolbar } from './element.ts';
import { drawFar, FAR_ZOOM, fitInto, fitReadably, readColours } from './graph-canvas.ts';
import type { Box } from './graph-canvas.ts';
import { drawEdges, drawLinks, legend, markers } from './graph-lines.ts';
import { elementId } from './graph-node.ts';
import type { NodeState } from './graph-node.ts';
import { Minimap } from './minimap.ts';
import { isKeptGraph } from './kept-state.ts';
import type { KeptGraph } from './kept-state.ts';
import { actOnKey, graphKeys } from './keys.ts';
import { isWhollyIn, NodeLayer } from './node-layer.ts';
import { PanZoom } from './pan-zoom.ts';
import type { Picture, PictureEvents } from './picture.ts';
import { SearchBox } from './search-box.ts';

const TICK_MS = 1000;

export class GraphView implements Picture {
  readonly #events: PictureEvents;
  readonly #root: HTMLElement;
  readonly #stage = html('div', { class: 'graph-stage' });
  readonly #far = html('canvas', { class: 'graph-far', 'aria-hidden': 'true' });
  readonly #tree = svg('svg', { class: 'graph-near', role: 'tree', tabindex: 0, 'aria-label': 'Task graph' });
  readonly #world = svg('g');
  readonly #links = svg('g', { class: 'links', 'aria-hidden': 'true' });
  readonly #edges = svg('g', { class: 'edges', 'aria-hidden': 'true' });
  readonly #nodes = new NodeLayer((node) => this.#stateOf(node));
  readonly #search: SearchBox;
  readonly #spoken = html('div', { class: 'spoken', 'aria-live': 'polite' });
  readonly #minimap: Minimap;
  readonly #panZoom: PanZoom;
  readonly #abort = new AbortController();
  readonly #resized: ResizeObserver;
  readonly #timer: ReturnType<typeof setInterval>;
  #model: RunModel | undefined;
  #layout: GraphLayout | undefined;
  #edgeList: readonly GraphEdge[] = [];
  #collapsed = new Set<string>();
  #treeId: string | undefined;
  #hoveredId: string | undefined;
  #nowMs = 0;
  #nowSetAtMs = 0;
  #frame = 0;
  #kept: KeptGraph | undefined;

  constructor(parent: HTMLElement, events: PictureEvents) {
    this.#events = events;
    this.#search = new SearchBox(
      { changed: () => this.#draw(), choose: (id) => this.#events.select(id), leave: () => this.#tree.focus() },
      this.#abort.signal,
    );
    this.#minimap = new Minimap((x, y) => this.#panZoom.centre(x, y));
    this.#root = html('section', { class: 'graph', 'aria-label': 'Graph' }, this.#toolbar(), this.#stage, this.#spoken);
    this.#stage.append(this.#far, this.#tree, this.#minimap.element, legend());
    this.#tree.append(markers(), this.#world);
    this.#world.append(this.#links, this.#edges, this.#nodes.element);
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
        if (change.tasks.some((task) => task.isDeleted)) this.#arrange();
        else for (const task of change.tasks) this.#touch(task);
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
    return { treeId: this.#treeId, viewport, collapsed: [...this.#collapsed] } satisfies KeptGraph;
  }

  restoreState(state: unknown): void {
    this.#kept = isKeptGraph(state) ? state : undefined;
  }

  dispose(): void {
    this.#abort.abort();
    this.#resized.disconnect();
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#root.remove();
  }

  /** Another tree, or another moment of the same. */
  #showTree(model: RunModel): void {
    if (model.shown.root === undefined) {
      this.#layout = undefined;
      this.#nodes.draw([], undefined, undefined);
      return;
    }
    const isSame = model.treeId === this.#treeId;
    if (!isSame) {
      this.#treeId = model.treeId;
      const kept = this.#kept?.treeId === model.treeId ? this.#kept : undefined;
      this.#collapsed = kept === undefined ? collapsedAtFirst(model.shown) : new Set(kept.collapsed);
      this.#arrange();
      if (kept?.viewport === undefined) this.#fit();
      else this.#panZoom.show(kept.viewport);
      this.#kept = undefined;
    } else this.#arrange();
    setAttributes(this.#tree, { 'aria-label': `Task graph of ${model.shown.root.definition.name}` });
  }

  #arrange(): void {
    const view = this.#model?.shown;
    if (view === undefined) return;
    this.#layout = layoutGraph(view, this.#collapsed);
    this.#edgeList = this.#layout === undefined ? [] : graphEdges(view, this.#layout);
    this.#search.update(this.#model);
    this.#draw();
  }

  /** One task looks different: its own node, or that of the group it is hidden in. */
  #touch(task: TaskView): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const node = nodeFor(layout, task);
    if (node !== undefined) this.#nodes.touch(node);
    if (task.id === this.#model?.selectedId) setText(this.#spoken, `${task.definition.name}: ${task.status}`);
  }

  #stateOf(node: GraphNode): NodeState {
    return {
      isSelected: node.id === this.#selectedNode()?.id,
      isFound: this.#search.isFound(node.task),
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
    drawLinks(this.#links, isFar ? [] : layout.nodes, window);
    const shownId = this.#hoveredId ?? selected?.id;
    drawEdges(this.#edges, isFar ? [] : this.#edgeList, { window, shownId });
    this.#drawFar();
  }

  #drawFar(): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const colours = readColours(this.#root);
    const { k, x, y } = this.#panZoom.viewport;
    const isFar = k < FAR_ZOOM;
    const selectedId = this.#selectedNode()?.id;
    this.#far.hidden = !isFar;
    if (isFar) drawFar(this.#far, { layout, viewport: { k, x, y }, colours, selectedId, hasLines: true });
    this.#minimap.draw({ layout, colours, selectedId, window: this.#panZoom.window });
  }

  #fit(place = fitReadably): void {
    this.#panZoom.fit(() => (this.#layout === undefined ? undefined : place(this.#layout, boxOf(this.#stage))));
  }

  /** Opens what hides the task, and brings it into the window if it is outside. */
  #reveal(task: TaskView | undefined): void {
    if (task === undefined) return;
    if (unfoldAbove(task, this.#collapsed)) this.#arrange();
    const node = this.#layout?.byId.get(task.id);
    if (node === undefined) return;
    if (!isWhollyIn(node, this.#panZoom.window))
      this.#panZoom.centre(node.x + NODE_WIDTH / 2, node.y + NODE_HEIGHT / 2);
  }

  #toggle(node: GraphNode, isCollapsed = !node.isCollapsed): void {
    if (node.task.children.length === 0) return;
    if (isCollapsed) this.#collapsed.add(node.id);
    else this.#collapsed.delete(node.id);
    this.#events.stateChanged();
    this.#arrange();
  }

  #toolbar(): HTMLElement {
    return toolbar(
      'Graph',
      [this.#search.input, this.#search.count],
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
    this.#collapsed.clear();
    if (isFolded) {
      for (const task of view.tasks.values()) {
        if (task !== view.root && task.children.length > 0) this.#collapsed.add(task.id);
      }
    }
    this.#arrange();
    this.#fit();
  }

  #listen(): void {
    const { signal } = this.#abort;
    const on = <Type extends keyof SVGElementEventMap>(
      type: Type,
      act: (event: SVGElementEventMap[Type]) => void,
    ): void => this.#tree.addEventListener(type, act as EventListener, { signal, passive: false });
    on('keydown', (event) => this.#key(event));
    on('click', (event) => this.#click(event));
    on('dblclick', (event) => this.#open(this.#nodeAt(event)));
    on('contextmenu', (event) => {
      const node = this.#nodeAt(event);
      if (node !== undefined) this.#events.select(node.id);
    });
    on('pointermove', (event) => this.#hover(event.buttons === 0 ? this.#nodeAt(event)?.id : undefined));
    on('pointerleave', () => this.#hover(undefined));
    on('focus', () => {
      if (this.#selectedNode() === undefined && this.#layout?.nodes[0] !== undefined)
        this.#events.select(this.#layout.nodes[0].id);
    });
  }

  #hover(id: string | undefined): void {
    if (id === this.#hoveredId) return;
    this.#hoveredId = id;
    this.#moved();
  }

  #nodeAt(event: MouseEvent): GraphNode | undefined {
    const element = event.target instanceof Element ? event.target.closest('[data-id]') : null;
    const id = element?.getAttribute('data-id');
    if (id !== null && id !== undefined) return this.#layout?.byId.get(id);
    if (this.#panZoom.viewport.k >= FAR_ZOOM) return undefined;
    const [x, y] = this.#panZoom.placeOf(event);
    return this.#layout?.nodes.find(
      (node) => x >= node.x && x <= node.x + NODE_WIDTH && y >= node.y && y <= node.y + NODE_HEIGHT,
    );
  }

  #click(event: MouseEvent): void {
    const node = this.#nodeAt(event);
    if (node === undefined) return;
    const isToggle = event.target instanceof Element && event.target.closest('.node-toggle') !== null;
    if (isToggle) this.#toggle(node);
    this.#events.select(node.id);
  }

  /** Asks for what is most worth reading about a task. */
  #open(node: GraphNode | undefined): void {
    const actions = this.#model?.actions ?? [];
    if (node === undefined) return;
    const { status } = node.task;
    const wanted = status === 'failed' ? 'openError' : status === 'completed' ? 'openOutput' : 'explain';
    if (actions.includes(wanted)) this.#events.act(wanted, node.id);
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

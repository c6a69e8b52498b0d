/**
 * The timeline of a run: a row for each task, a bar for each span, and a cursor that shows the run at any of its events.
 *
 * 1. Only rows inside the window are in the document.
 * 2. All bars are always drawn; what lies after the cursor is veiled. Symbols and words are those of the moment that is shown.
 */
import type { TaskView } from '@coppice/client';
import { criticalPath } from '../model/critical-path.ts';
import type { CriticalStep } from '../model/critical-path.ts';
import type { Change, RunModel } from '../model/run-model.ts';
import { oneLine } from '../model/status-look.ts';
import { summarise, summaryText, TimelineModel } from '../model/timeline-model.ts';
import { TimelineRows } from '../model/timeline-rows.ts';
import type { ShownRow } from '../model/timeline-rows.ts';
import { html, iconButton, setAttributes, setText, toolbar } from './element.ts';
import { elementId } from './graph-node.ts';
import { isKeptTimeline } from './kept-state.ts';
import type { KeptTimeline } from './kept-state.ts';
import { actOnKey } from './keys.ts';
import type { Picture, PictureEvents } from './picture.ts';
import { PictureSet } from './picture-set.ts';
import { TimeCursor } from './time-cursor.ts';
import { TimeScale } from './time-scale.ts';
import { NAME_WIDTH, TimelineFrame } from './timeline-frame.ts';
import { ROW_HEIGHT, RowPicture } from './timeline-row.ts';

const ZOOM_STEP = 1.4;
/** Room at the right of the last bar, px. */
const END_GAP = 24;
const TICK_MS = 250;
/** Rows drawn beyond the window, so that scrolling shows no holes. */
const EXTRA_ROWS = 6;

export class TimelineView implements Picture {
  readonly #events: PictureEvents;
  readonly #root: HTMLElement;
  readonly #summary = html('span', { class: 'found' });
  readonly #pathButton: HTMLButtonElement;
  readonly #frame = new TimelineFrame();
  readonly #cursor: TimeCursor;
  readonly #pictures = new PictureSet((id) => new RowPicture(id));
  readonly #scale: TimeScale;
  readonly #abort = new AbortController();
  readonly #resized: ResizeObserver;
  readonly #timer: ReturnType<typeof setInterval>;
  #model: RunModel | undefined;
  #timeline = new TimelineModel();
  #seenCount = 0;
  #treeId: string | undefined;
  readonly #rows = new TimelineRows();
  /** False until the rows of the tree were seen. */
  #isBegun = false;
  #hasPath = true;
  #path: ReadonlyMap<string, CriticalStep> = new Map();
  #nowOffsetMs = 0;
  #nextFrame = 0;
  #kept: KeptTimeline | undefined;

  constructor(parent: HTMLElement, events: PictureEvents) {
    this.#events = events;
    this.#scale = new TimeScale(() => ({
      startMs: this.#timeline.startMs ?? 0,
      endMs: this.#endMs,
      roomPx: this.#frame.scroll.clientWidth - NAME_WIDTH - END_GAP,
    }));
    this.#cursor = new TimeCursor((seq) => events.moveCursor(seq));
    this.#pathButton = iconButton('Critical path', '⇝ Critical path', () => this.#togglePath());
    this.#root = html(
      'section',
      { class: 'timeline', 'aria-label': 'Timeline' },
      this.#toolbar(),
      this.#cursor.element,
      this.#frame.scroll,
    );
    parent.append(this.#root);
    this.#listen();
    this.#resized = new ResizeObserver(() => this.#draw());
    this.#resized.observe(this.#frame.scroll);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  update(model: RunModel, change: Change, nowMs: number): void {
    this.#model = model;
    if (model.cursor === undefined) this.#nowOffsetMs = nowMs - Date.now();
    if (model.treeId !== this.#treeId || model.events.length < this.#seenCount) this.#begin(model);
    const fresh = model.events.slice(this.#seenCount);
    this.#seenCount = model.events.length;
    const changed = this.#timeline.add(fresh);
    if (this.#timeline.isEnded && fresh.length > 0) this.#findPath();
    switch (change.kind) {
      case 'all':
        this.#showRows(model);
        this.#draw();
        break;
      case 'tasks':
        if (this.#rows.takeIn(change.tasks, model.shown)) this.#draw();
        else this.#updateRows(new Set([...changed, ...change.tasks.map(({ id }) => id)]));
        break;
      case 'selection':
        if (change.reveal) this.#reveal(model.selected);
        this.#draw();
        break;
      default:
        break;
    }
  }

  readState(): unknown {
    if (this.#treeId === undefined) return undefined;
    return { treeId: this.#treeId, folded: [...this.#rows.folded], hasPath: this.#hasPath } satisfies KeptTimeline;
  }

  restoreState(state: unknown): void {
    this.#kept = isKeptTimeline(state) ? state : undefined;
  }

  dispose(): void {
    this.#abort.abort();
    this.#resized.disconnect();
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#nextFrame);
    this.#root.remove();
  }

  #begin(model: RunModel): void {
    this.#treeId = model.treeId;
    this.#timeline = new TimelineModel();
    this.#seenCount = 0;
    this.#isBegun = false;
    this.#path = new Map();
    this.#scale.fit();
    this.#pictures.keepOnly(new Set());
  }

  #showRows(model: RunModel): void {
    if (!this.#isBegun && model.shown.root !== undefined) {
      this.#isBegun = true;
      const kept = this.#kept?.treeId === model.treeId ? this.#kept : undefined;
      this.#kept = undefined;
      this.#hasPath = kept?.hasPath ?? true;
      this.#rows.begin(model.shown, kept?.folded);
    }
    this.#rows.show(model.shown);
  }

  get #nowMs(): number {
    return Date.now() + this.#nowOffsetMs;
  }

  /** End of what is drawn: of the run, or now. */
  get #endMs(): number {
    const { isEnded, lastMs, startMs } = this.#timeline;
    const isGoing = !isEnded && this.#model?.newest.status === 'running';
    return isGoing ? this.#nowMs : (lastMs ?? startMs ?? 0);
  }

  #draw(): void {
    const model = this.#model;
    if (model === undefined || this.#timeline.startMs === undefined) return;
    const { pxPerMs } = this.#scale;
    const width = this.#scale.placeOf(this.#endMs, pxPerMs) + END_GAP;
    this.#frame.resize(width, this.#rows.list.length);
    setAttributes(this.#frame.scroll, {
      'aria-label': `Timeline of ${oneLine(model.shown.root?.definition.name ?? '')}`,
    });
    this.#frame.drawMarks(pxPerMs, width);
    this.#drawRows(pxPerMs);
    this.#drawCursor(model, pxPerMs);
    this.#drawSummary();
  }

  #drawRows(pxPerMs: number): void {
    const first = Math.max(0, Math.floor(this.#frame.scroll.scrollTop / ROW_HEIGHT) - EXTRA_ROWS);
    const last = Math.ceil((this.#frame.scroll.scrollTop + this.#frame.scroll.clientHeight) / ROW_HEIGHT) + EXTRA_ROWS;
    const wanted = new Set<string>();
    const selectedIndex = this.#rows.indexOf(this.#model?.selectedId);
    for (let index = first; index < Math.min(last, this.#rows.list.length); index += 1)
      wanted.add(this.#drawRow(index, pxPerMs));
    // The active row is in the document wherever the window is.
    if (selectedIndex >= 0) wanted.add(this.#drawRow(selectedIndex, pxPerMs));
    this.#pictures.keepOnly(wanted);
    const active = this.#rows.list[selectedIndex];
    setAttributes(this.#frame.scroll, {
      'aria-activedescendant': active === undefined ? undefined : elementId(active.task.id),
    });
  }

  #drawRow(index: number, pxPerMs: number): string {
    const { task, depth } = this.#rows.list[index] as ShownRow;
    this.#pictures.provide(task.id, this.#frame.rows).update(task, this.#timeline.rows.get(task.id), {
      index,
      depth,
      isFolded: this.#rows.folded.has(task.id),
      isSelected: task.id === this.#model?.selectedId,
      isCritical: this.#hasPath && this.#path.has(task.id),
      nowMs: this.#nowMs,
      placeOf: (timeMs) => this.#scale.placeOf(timeMs, pxPerMs),
    });
    return task.id;
  }

  /** Rows of these tasks only; the rest of the picture stays. */
  #updateRows(ids: ReadonlySet<string>): void {
    const { pxPerMs } = this.#scale;
    for (const id of this.#pictures.ids()) if (ids.has(id)) this.#drawRow(this.#rows.indexOf(id), pxPerMs);
    if (this.#timeline.isEnded) this.#drawSoon();
    else this.#drawSummary();
  }

  #drawCursor(model: RunModel, pxPerMs: number): void {
    this.#cursor.update(model);
    const at = model.cursor === undefined ? undefined : model.events[model.cursor - 1];
    this.#frame.drawVeil(at === undefined ? undefined : this.#scale.placeOf(Date.parse(at.at), pxPerMs));
  }

  #drawSummary(): void {
    setText(this.#summary, summaryText(summarise(this.#timeline, this.#nowMs)));
  }

  #drawSoon(): void {
    cancelAnimationFrame(this.#nextFrame);
    this.#nextFrame = requestAnimationFrame(() => this.#draw());
  }

  #findPath(): void {
    this.#path = new Map(criticalPath(this.#timeline).map((step) => [step.taskId, step]));
  }

  #togglePath(): void {
    this.#hasPath = !this.#hasPath;
    this.#events.stateChanged();
    setAttributes(this.#pathButton, { 'aria-pressed': String(this.#hasPath) });
    this.#draw();
  }

  #toolbar(): HTMLElement {
    setAttributes(this.#pathButton, { 'aria-pressed': 'true' });
    return toolbar(
      'Timeline',
      [this.#pathButton, this.#summary],
      [
        ['Zoom out (−)', '−', () => this.#zoomBy(1 / ZOOM_STEP)],
        ['Zoom in (+)', '+', () => this.#zoomBy(ZOOM_STEP)],
        ['Fit (0)', '⤢', () => this.#fit()],
      ],
    );
  }

  #fit(): void {
    this.#scale.fit();
    this.#draw();
  }

  /** `anchorPx`: the place in the window that stays where it is; default its middle. */
  #zoomBy(factor: number, anchorPx = (this.#frame.scroll.clientWidth - NAME_WIDTH) / 2): void {
    const atMs = (this.#frame.scroll.scrollLeft + anchorPx) / this.#scale.pxPerMs;
    this.#scale.zoomBy(factor);
    this.#draw();
    this.#frame.scroll.scrollLeft = atMs * this.#scale.pxPerMs - anchorPx;
  }

  #reveal(task: TaskView | undefined): void {
    if (task === undefined) return;
    const index = this.#model === undefined ? -1 : this.#rows.reveal(task, this.#model.shown);
    if (index >= 0) this.#frame.reveal(index);
  }

  #listen(): void {
    const { signal } = this.#abort;
    this.#frame.scroll.addEventListener('scroll', () => this.#drawSoon(), { signal, passive: true });
    this.#frame.scroll.addEventListener('click', (event) => this.#click(event), { signal });
    this.#frame.scroll.addEventListener('contextmenu', (event) => this.#click(event), { signal });
    this.#frame.scroll.addEventListener('keydown', (event) => this.#key(event), { signal });
    this.#frame.scroll.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
    this.#frame.scroll.addEventListener(
      'focus',
      () => {
        const first = this.#rows.list[0]?.task.id;
        if (this.#model?.selected === undefined && first !== undefined) this.#events.select(first);
      },
      { signal },
    );
  }

  #click(event: MouseEvent): void {
    const { target } = event;
    const id = target instanceof Element ? target.closest('[data-id]')?.getAttribute('data-id') : undefined;
    if (id === undefined || id === null) return;
    if (event.type === 'click' && target instanceof Element && target.closest('.row-toggle') !== null) this.#toggle(id);
    this.#events.select(id);
  }

  #toggle(id: string, isFolded = !this.#rows.folded.has(id)): void {
    if (this.#model === undefined) return;
    this.#rows.fold(id, isFolded, this.#model.shown);
    this.#events.stateChanged();
    this.#draw();
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left } = this.#frame.scroll.getBoundingClientRect();
    this.#zoomBy(2 ** (-event.deltaY * 0.004), Math.max(0, event.clientX - left - NAME_WIDTH));
  }

  #key(event: KeyboardEvent): void {
    const { list, folded } = this.#rows;
    const index = Math.max(0, this.#rows.indexOf(this.#model?.selectedId));
    const row = list[index];
    if (row === undefined) return;
    const { task } = row;
    const goTo = (at: number): void => {
      const target = list[Math.min(list.length - 1, Math.max(0, at))];
      if (target !== undefined) this.#events.select(target.task.id);
    };
    const page = Math.max(1, Math.floor(this.#frame.scroll.clientHeight / ROW_HEIGHT) - 2);
    actOnKey(event, {
      ArrowDown: () => goTo(index + 1),
      ArrowUp: () => goTo(index - 1),
      PageDown: () => goTo(index + page),
      PageUp: () => goTo(index - page),
      Home: () => goTo(0),
      End: () => goTo(list.length - 1),
      ArrowRight: () => (folded.has(task.id) ? this.#toggle(task.id, false) : goTo(index + 1)),
      ArrowLeft: () => {
        if (task.children.length > 0 && !folded.has(task.id)) this.#toggle(task.id, true);
        else if (task.parent !== undefined) this.#events.select(task.parent.id);
      },
      ' ': () => this.#toggle(task.id),
      '+': () => this.#zoomBy(ZOOM_STEP),
      '=': () => this.#zoomBy(ZOOM_STEP),
      '-': () => this.#zoomBy(1 / ZOOM_STEP),
      '0': () => this.#fit(),
    });
  }

  /** What runs grows with the time. */
  #tick(): void {
    if (document.hidden || this.#timeline.isEnded || this.#model?.newest.status !== 'running') return;
    this.#draw();
  }
}

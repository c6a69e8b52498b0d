/** One row of the timeline: a name, and a bar for each span. Made once, and changed where it differs. */
import { durationText, membersText, roleWords, stillText } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import { oneLine, symbolOf, taskProblem } from '../model/status-look.ts';
import type { Span, TimelineRow } from '../model/timeline-model.ts';
import { html, setAttributes, setText } from './element.ts';
import { elementId, menuContext } from './graph-node.ts';

export const ROW_HEIGHT = 24;
const INDENT_PX = 14;
/** Levels of indentation that are drawn. */
const INDENTS_MAX = 12;
const BAR_WIDTH_MIN = 2;

export interface RowState {
  readonly index: number;
  readonly depth: number;
  readonly isFolded: boolean;
  readonly isSelected: boolean;
  readonly isCritical: boolean;
  readonly nowMs: number;
  /** Where a time stands in the track, px. */
  readonly placeOf: (timeMs: number) => number;
}

const SPAN_TEXT: Readonly<Record<Span['kind'], string>> = {
  queued: 'waited for a limit',
  running: 'ran',
  backoff: 'backed off',
  delayed: 'was delayed',
  waiting: 'waited',
  open: 'was open',
};

export class RowPicture {
  readonly element: HTMLElement;
  readonly #toggle = html('span', { class: 'row-toggle', 'aria-hidden': 'true' });
  readonly #symbol = html('span', { class: 'row-symbol', 'aria-hidden': 'true' });
  readonly #name = html('span', { class: 'row-label' });
  /** What it is there for beside the normal work. */
  readonly #role = html('span', { class: 'row-counts' });
  /** Of a folded group: how many tasks below it have ended. */
  readonly #counts = html('span', { class: 'row-counts' });
  readonly #head: HTMLElement;
  readonly #track = html('div', { class: 'row-track', role: 'gridcell' });

  constructor(id: string) {
    this.#head = html(
      'div',
      { class: 'row-name', role: 'rowheader' },
      this.#toggle,
      this.#symbol,
      this.#name,
      this.#role,
      this.#counts,
    );
    this.element = html(
      'div',
      { role: 'row', id: elementId(id), 'data-id': id, 'data-vscode-context': menuContext(id) },
      this.#head,
      this.#track,
    );
  }

  update(task: TaskView, row: TimelineRow | undefined, state: RowState): void {
    const { index, depth, isFolded, isSelected, isCritical } = state;
    const hasChildren = task.children.length > 0;
    this.element.style.top = `${index * ROW_HEIGHT}px`;
    setAttributes(this.element, {
      class: `row status-${task.status}${isSelected ? ' is-selected' : ''}${isCritical ? ' is-critical' : ''}`,
      'aria-rowindex': index + 2,
      'aria-level': depth + 1,
      'aria-selected': String(isSelected),
      'aria-expanded': hasChildren ? String(!isFolded) : undefined,
      'aria-label': spokenRow(task, row, state),
    });
    this.#head.style.paddingLeft = `${6 + Math.min(depth, INDENTS_MAX) * INDENT_PX}px`;
    setText(this.#toggle, hasChildren ? (isFolded ? '▸' : '▾') : '');
    setText(this.#symbol, symbolOf(task));
    setText(this.#counts, hasChildren && isFolded ? membersText(task) : '');
    setText(this.#name, oneLine(task.definition.name));
    setText(this.#role, roleWords(task).join(' · '));
    setAttributes(this.#head, { title: oneLine(task.definition.name) });
    this.#drawBars(row?.spans ?? [], state);
  }

  #drawBars(spans: readonly Span[], { nowMs, placeOf }: RowState): void {
    const bars = this.#track.children;
    while (bars.length > spans.length) bars[bars.length - 1]?.remove();
    for (const [index, span] of spans.entries()) {
      const bar = (bars[index] as HTMLElement | undefined) ?? this.#track.appendChild(html('div'));
      const left = placeOf(span.fromMs);
      const width = Math.max(BAR_WIDTH_MIN, placeOf(span.toMs ?? nowMs) - left);
      bar.style.left = `${left}px`;
      bar.style.width = `${width}px`;
      setAttributes(bar, { class: barClass(span), title: spanText(span, nowMs) });
      const label = span.kind === 'running' && span.attempt > 1 && width > 16 ? String(span.attempt) : '';
      setText(bar, label);
    }
  }
}

function barClass({ kind, outcome, toMs }: Span): string {
  const end = toMs === undefined ? 'going' : (outcome ?? 'over');
  return `bar bar-${kind} bar-${end}`;
}

function spanText({ kind, attempt, fromMs, toMs, outcome }: Span, nowMs: number): string {
  const which = kind === 'running' ? ` (attempt ${attempt}${outcome === undefined ? '' : `, ${outcome}`})` : '';
  return `${SPAN_TEXT[kind]} ${durationText((toMs ?? nowMs) - fromMs)}${which}`;
}

/** `build: completed, 3/3, waited for a limit 1.2s, ran 3.4s (attempt 2, failed): HTTP 503`. */
function spokenRow(task: TaskView, row: TimelineRow | undefined, { nowMs, isCritical }: RowState): string {
  const spans = (row?.spans ?? []).map((span) => spanText(span, nowMs));
  const more = [oneLine(stillText(task)), membersText(task)].filter((part) => part !== '');
  const parts = [task.status, ...roleWords(task), ...more, ...spans, ...(isCritical ? ['on the critical path'] : [])];
  const problem = taskProblem(task);
  return `${oneLine(task.definition.name)}: ${parts.join(', ')}${problem === undefined ? '' : `: ${problem}`}`;
}

/**
 * The selected task: what it is, what can be done with it, and what came of it. The same on the page and in the editor.
 *
 * A part is drawn again only when it says something else, so that a button keeps the focus while a task runs.
 */
import { findPaused, isEnded, isRunUnderWay, stillOf, workOf } from '@coppice/client';
import type { TaskView } from '@coppice/client';
import { attemptsOf } from '../model/attempts.ts';
import type { Change, RunModel } from '../model/run-model.ts';
import { readableTimes } from '../model/readable-times.ts';
import { oneLine, symbolOf, taskDetail } from '../model/status-look.ts';
import { offersFor } from '../model/task-offers.ts';
import { waitFacts } from '../model/wait-facts.ts';
import type { Action } from '../view-channel.ts';
import { sectionsOf } from './details-sections.ts';
import { DecisionsPart } from './decisions-part.ts';
import { html, setAttributes, setText } from './element.ts';
import type { Picture, PictureEvents } from './picture.ts';
import { ProgressPart } from './progress-part.ts';
import { WaitPart } from './wait-part.ts';

const DRAW_MS = 100;
const TICK_MS = 1000;

export class DetailsView implements Picture {
  readonly #events: PictureEvents;
  readonly #empty = html('p', { class: 'empty' }, 'Select a task to see its inputs, output and attempts.');
  readonly #title = html('h2');
  readonly #symbol = html('span', { class: 'item-symbol', 'aria-hidden': 'true' });
  readonly #name = html('span');
  readonly #facts = html('p', { class: 'facts' });
  readonly #buttons = html('div', { class: 'buttons' });
  /** What a running attempt says of itself: it may change many times a second. */
  readonly #message = html('p', { class: 'facts' });
  readonly #explained = html('p', { class: 'explained' });
  readonly #progress = new ProgressPart();
  readonly #decisions: DecisionsPart;
  readonly #wait: WaitPart;
  readonly #sections = html('div');
  readonly #root = html('div', { class: 'details-body' });
  readonly #ticking: ReturnType<typeof setInterval>;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #model: RunModel | undefined;
  /** What the buttons and the sections show now, and what was asked of the server. */
  #buttonsKey = '';
  #sectionsKey = '';
  #askedKey = '';

  constructor(parent: HTMLElement, events: PictureEvents) {
    this.#events = events;
    this.#wait = new WaitPart(events);
    this.#decisions = new DecisionsPart(events);
    this.#title.append(this.#symbol, ' ', this.#name);
    parent.append(this.#root);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#draw();
  }

  update(model: RunModel, change: Change): void {
    this.#model = model;
    if (change.kind === 'answered') this.#wait.showAnswered(change.taskId, change.problem);
    if (change.kind === 'tasks') this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS);
    else this.#draw();
  }

  readState(): unknown {
    return undefined;
  }

  restoreState(): void {
    // There is nothing to keep: it shows what is selected.
  }

  dispose(): void {
    clearTimeout(this.#drawing);
    clearInterval(this.#ticking);
    this.#root.remove();
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const model = this.#model;
    const task = model?.selected;
    if (model === undefined || task === undefined) {
      this.#sectionsKey = '';
      this.#wait.clear();
      this.#root.replaceChildren(this.#empty);
      return;
    }
    if (this.#title.parentNode === null) {
      this.#root.replaceChildren(
        this.#title,
        this.#facts,
        this.#buttons,
        this.#message,
        this.#explained,
        this.#wait.element,
        this.#progress.element,
        this.#sections,
        this.#decisions.element,
      );
    }
    setAttributes(this.#title, { class: `status-${task.status}` });
    setText(this.#symbol, symbolOf(task));
    setText(this.#name, oneLine(task.definition.name));
    setText(this.#facts, `${taskDetail(task, nowOf(model))} · ${workOf(task.definition)}`);
    const message = isEnded(task.status) || task.message === undefined ? '' : oneLine(task.message);
    setText(this.#message, message);
    this.#message.hidden = message === '';
    this.#drawButtons(task, model);
    this.#drawExplained(task, model);
    this.#wait.draw(task, model);
    this.#progress.draw(task, model.shown, nowOf(model));
    this.#drawSections(task, model);
    this.#decisions.draw(task, model);
  }

  #drawButtons(task: TaskView, model: RunModel): void {
    // Nothing can be done in the past.
    const offers = model.cursor === undefined ? offersFor(task, model.shown) : [];
    const offered = offers.filter(({ action }) => model.actions.includes(action));
    const key = `${task.id} ${offered.map(({ name }) => name).join()}`;
    if (key === this.#buttonsKey) return;
    this.#buttonsKey = key;
    const buttons = offered.map(({ action, name }) => {
      const button = html('button', { type: 'button', class: 'secondary' }, name);
      button.addEventListener('click', () => this.#events.act(action, task.id));
      return button;
    });
    this.#buttons.replaceChildren(...buttons);
  }

  /** Why it does not run: asked of the server, once for each state of the run in which it may be another reason. */
  #drawExplained(task: TaskView, model: RunModel): void {
    const { shown, cursor, explained } = model;
    const isAsked =
      cursor === undefined && isRunUnderWay(shown.status) && task.status !== 'running' && !isEnded(task.status);
    // The form of a wait says all of it.
    const isTold = waitFacts(task) !== undefined;
    const summary = isAsked && !isTold && explained?.taskId === task.id ? readableTimes(explained.summary) : '';
    setText(this.#explained, summary);
    this.#explained.hidden = summary === '';
    const moment = [task.status, task.waiting?.sinceMs, shown.tally.ended, findPaused(task)?.id, stillOf(task)?.word];
    const key = isAsked ? JSON.stringify([task.id, ...moment]) : '';
    if (key === this.#askedKey) return;
    this.#askedKey = key;
    if (isAsked) this.#events.explain(task.id);
  }

  #drawSections(task: TaskView, model: RunModel): void {
    const { shown, cursor, events, actions } = model;
    const { status, attempt, pause } = task;
    const waits = status === 'pending' ? shown.tally.ended : 0;
    const key = JSON.stringify([task.id, cursor, status, attempt, shown.status, waits, pause]);
    if (key === this.#sectionsKey) return;
    this.#sectionsKey = key;
    const facts = { run: shown, attempts: attemptsOf(events, task.id, cursor), nowMs: nowOf(model) };
    const open = (action: Action) => (actions.includes(action) ? () => this.#events.act(action, task.id) : undefined);
    this.#sections.replaceChildren(
      ...sectionsOf(task, facts, { open, select: (taskId) => this.#events.select(taskId) }),
    );
  }

  /** The duration of what runs goes on. */
  #tick(): void {
    const model = this.#model;
    const task = model?.selected;
    const isGoing = task?.status === 'running' || task?.status === 'waiting';
    if (document.hidden || model === undefined || task === undefined || !isGoing) return;
    setText(this.#facts, `${taskDetail(task, nowOf(model))} · ${workOf(task.definition)}`);
    this.#progress.draw(task, model.shown, nowOf(model));
  }
}

function nowOf({ cursor, shown }: RunModel): number {
  return cursor === undefined ? Date.now() : (shown.atMs ?? Date.now());
}

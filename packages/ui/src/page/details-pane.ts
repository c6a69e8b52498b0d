/** The selected task: what it is, what can be done, and what came of it. */
import { cutText, findPaused, isEnded, isRunEnded, isRunUnderWay, reasonText, workOf } from '@coppice/client';
import type { Client, RunView, TaskView, TreeLog } from '@coppice/client';
import type { Json } from '@coppice/protocol';
import type { RunSession } from '../model/run-session.ts';
import { oneLine, STATUS_SYMBOLS, taskDetail } from '../model/status-look.ts';
import { html } from '../view/element.ts';
import type { Actions } from './actions.ts';

const DRAW_MS = 150;

export class DetailsPane {
  readonly element = html('aside', { class: 'details', 'aria-label': 'Selected task' });
  readonly #client: Client;
  readonly #actions: Actions;
  #session: RunSession | undefined;
  #stops: readonly (() => void)[] = [];
  #drawing: ReturnType<typeof setTimeout> | undefined;
  /** What the pane shows; drawn again only when it differs. */
  #shownKey = '';

  constructor(client: Client, actions: Actions) {
    this.#client = client;
    this.#actions = actions;
  }

  show(session: RunSession, log: TreeLog): void {
    this.clear();
    this.#session = session;
    const drawSoon = (): void => void (this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS));
    this.#stops = [
      session.listen({ selected: drawSoon, cursorMoved: drawSoon, acted: drawSoon }),
      log.onEvents(drawSoon),
    ];
    this.#draw();
  }

  clear(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#session = undefined;
    this.#shownKey = '';
    this.element.replaceChildren();
  }

  dispose(): void {
    this.clear();
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const session = this.#session;
    const task = session?.selected;
    if (session === undefined || task === undefined) {
      this.#shownKey = '';
      this.element.replaceChildren(
        html('p', { class: 'empty' }, 'Select a task to see its inputs, output and attempts.'),
      );
      return;
    }
    const key = `${task.id} ${session.cursor ?? ''} ${task.status} ${task.attempt} ${session.shown.status} ${task.message ?? ''} ${task.inside.ended} ${findPaused(task)?.id ?? ''}`;
    if (key === this.#shownKey) return;
    this.#shownKey = key;
    const explained = html('div');
    this.element.replaceChildren(
      html(
        'h2',
        { class: `status-${task.status}` },
        html('span', { class: 'item-symbol', 'aria-hidden': 'true' }, `${STATUS_SYMBOLS[task.status]} `),
        oneLine(task.definition.name),
      ),
      html('p', { class: 'facts' }, `${taskDetail(task, nowOf(session))} · ${workOf(task.definition)}`),
      ...(session.cursor === undefined ? [this.#buttons(task, session)] : []),
      explained,
      ...sections(task),
    );
    if (session.cursor === undefined) this.#explain(task, explained);
  }

  #buttons(task: TaskView, session: RunSession): HTMLElement {
    const actions = this.#actions;
    const run = session.shown;
    const offers: readonly [name: string, isOffered: boolean, act: () => void][] = [
      [
        task.parent === undefined ? 'Run' : 'Run this and what it needs',
        run.status === 'created',
        () => actions.execute(task.id),
      ],
      ['Pause', isPausable(task, run), () => actions.pause(task.id)],
      ['Resume', task.pause !== undefined, () => actions.resume(task.id)],
      ['Cancel', isCancellable(task, run), () => actions.cancel(task.id)],
      [task.parent === undefined ? 'Retry what failed' : 'Retry', isRetryable(task, run), () => actions.retry(task)],
      ['Copy …', true, () => actions.copy(task.id)],
      ['Delete …', run.status === 'created' || isRunEnded(run.status), () => actions.delete(task)],
    ];
    const buttons = offers
      .filter(([, isOffered]) => isOffered)
      .map(([name, , act]) => {
        const button = html('button', { type: 'button', class: 'secondary' }, name);
        button.addEventListener('click', act);
        return button;
      });
    return html('div', { class: 'buttons' }, ...buttons);
  }

  /** Why it does not run, and its attempts: asked from the server. */
  #explain(task: TaskView, place: HTMLElement): void {
    const key = this.#shownKey;
    const show = (...parts: readonly Node[]): void => {
      if (this.#shownKey === key) place.append(...parts);
    };
    if (!isEnded(task.status) && task.status !== 'running' && isRunUnderWay(this.#session?.shown.status ?? 'created')) {
      this.#client.tasks.explain({ taskId: task.id }).then(
        ({ summary }) => show(html('p', { class: 'explained' }, summary)),
        () => undefined,
      );
    }
    if (task.attempt < 2) return;
    this.#client.tasks.attempts({ taskId: task.id }).then(
      ({ items }) => {
        const lines = items.map(({ attempt, status, error }) =>
          html('li', {}, `Attempt ${attempt}: ${status}${error === undefined ? '' : `: ${oneLine(error.message)}`}`),
        );
        show(html('h3', {}, 'Attempts'), html('ul', {}, ...lines));
      },
      () => undefined,
    );
  }
}

/** A task that has ended can not be cancelled. Before the run has begun, only the whole tree can. */
export function isCancellable(task: TaskView, run: RunView): boolean {
  return !isEnded(task.status) && !isRunEnded(run.status) && (run.status !== 'created' || task.parent === undefined);
}

/** While the run is under way, and nothing holds the task yet. */
export function isPausable(task: TaskView, run: RunView): boolean {
  return !isEnded(task.status) && isRunUnderWay(run.status) && findPaused(task) === undefined;
}

/** True once the run has ended: for a root if something did not complete, for any other task if it has ended. */
export function isRetryable(task: TaskView, run: RunView): boolean {
  if (!isRunEnded(run.status)) return false;
  return task.parent === undefined ? run.status !== 'completed' : isEnded(task.status);
}

function nowOf(session: RunSession): number {
  return session.cursor === undefined ? Date.now() : (session.shown.atMs ?? Date.now());
}

function sections(task: TaskView): readonly Node[] {
  const { definition } = task;
  const shown: Node[] = [];
  const add = (title: string, value: Json | undefined): void => {
    if (value === undefined || value === null || isEmptyObject(value)) return;
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    shown.push(html('h3', {}, title), html('pre', { tabindex: 0 }, text));
  };
  if (task.error !== undefined) {
    const causes: string[] = [];
    for (let at = task.error.cause; at !== undefined; at = at.cause) causes.push(`because: ${at.message}`);
    shown.push(html('p', { class: 'problem' }, [`${task.error.message} (${task.error.code})`, ...causes].join('\n')));
  }
  if (task.reason !== undefined) shown.push(html('p', { class: 'explained' }, reasonText(task.reason)));
  if (task.message !== undefined) shown.push(html('p', { class: 'facts' }, oneLine(task.message)));
  if (task.cut !== undefined) shown.push(html('p', { class: 'explained' }, cutText(task.cut)));
  add('Output', task.output);
  add('Input of the last attempt', task.input);
  add('Inputs as defined', definition.inputs);
  add('Policies', definition.policies);
  add('Tags', definition.tags.length === 0 ? undefined : definition.tags.join(', '));
  add('Id', task.id);
  add('Copy of', definition.originalTaskId);
  return shown;
}

function isEmptyObject(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

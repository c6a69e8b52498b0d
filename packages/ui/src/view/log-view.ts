/** What the selected task writes, live; of a group or a whole run what all members write, in the order in which it was stored. */
import { isEnded, isGroup, isRunUnderWay } from '@coppice/client';
import type { Client, LogPage, TaskView } from '@coppice/client';
import { attemptsOf } from '../model/attempts.ts';
import { errorText } from '../model/error-text.ts';
import { LogFeed } from '../model/log-feed.ts';
import type { Change, RunModel } from '../model/run-model.ts';
import { oneLine } from '../model/status-look.ts';
import { html, setAttributes, setText } from './element.ts';
import { LogLines } from './log-lines.ts';
import type { Picture, PictureEvents } from './picture.ts';

/** Lines to begin with. */
const LAST = 1_000;

export class LogView implements Picture {
  readonly #read: Client['followLogs'];
  readonly #title = html('span', { class: 'log-title' });
  readonly #attempt = html('select', { 'aria-label': 'Attempt' });
  readonly #times = html('input', { type: 'checkbox' });
  readonly #end = html('button', { type: 'button', class: 'secondary' }, '↓ Newest');
  readonly #note = html('p', { class: 'empty', role: 'status' });
  readonly #lines: LogLines;
  readonly #root: HTMLElement;
  #model: RunModel | undefined;
  #feed: LogFeed | undefined;
  /** What is read now. */
  #readKey = '';

  constructor(parent: HTMLElement, events: Pick<PictureEvents, 'stateChanged'>, read: Client['followLogs']) {
    this.#read = read;
    this.#lines = new LogLines(
      ({ taskId }) => this.#nameOf(taskId),
      () => this.#drawEnd(),
    );
    this.#attempt.addEventListener('change', () => this.#begin());
    this.#times.addEventListener('change', () => {
      this.#drawTimes();
      events.stateChanged();
    });
    this.#end.addEventListener('click', () => this.#lines.showEnd());
    const tools = html(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Log' },
      this.#title,
      this.#attempt,
      html('label', {}, this.#times, ' Times'),
      html('span', { class: 'spacer' }),
      this.#end,
    );
    this.#root = html('div', { class: 'log' }, tools, this.#note, this.#lines.element);
    parent.append(this.#root);
    this.#drawEnd();
  }

  update(model: RunModel, change: Change): void {
    const isOther = this.#model !== model || change.kind === 'all';
    this.#model = model;
    const task = this.#task;
    if (task === undefined) return;
    if (isOther || change.kind === 'selection' || change.kind === 'tasks') this.#drawTools(task, model);
    this.#begin();
    if (isRunUnderWay(model.newest.status) && !isEnded(task.status)) this.#feed?.wake();
  }

  readState(): unknown {
    return { times: this.#times.checked };
  }

  restoreState(state: unknown): void {
    this.#times.checked = (state as { readonly times?: unknown } | undefined)?.times === true;
    this.#drawTimes();
  }

  dispose(): void {
    this.#feed?.dispose();
    this.#root.remove();
  }

  /** Whose log it is: the selected task, else the root. */
  get #task(): TaskView | undefined {
    const { newest, selectedId } = this.#model ?? {};
    return (selectedId === undefined ? undefined : newest?.tasks.get(selectedId)) ?? newest?.root;
  }

  #nameOf(taskId: string): string | undefined {
    const { definition } = this.#model?.newest.tasks.get(taskId) ?? {};
    return taskId === this.#task?.id || definition === undefined ? undefined : oneLine(definition.name);
  }

  #drawTools(task: TaskView, { events }: RunModel): void {
    setText(this.#title, `Log of ${oneLine(task.definition.name)}`);
    setAttributes(this.#lines.element, { 'aria-label': this.#title.textContent });
    const numbers = isGroup(task.definition) ? [] : attemptsOf(events, task.id).map(({ attempt }) => attempt);
    this.#attempt.hidden = numbers.length < 2;
    const known = `${task.id} ${numbers.join()}`;
    if (this.#attempt.dataset['known'] === known) return;
    const isSame = this.#attempt.dataset['known']?.startsWith(`${task.id} `) === true;
    const chosen = isSame ? this.#attempt.value : '';
    const options = numbers.map((number) => html('option', { value: number }, `Attempt ${number}`));
    this.#attempt.replaceChildren(html('option', { value: '' }, 'All attempts'), ...options);
    this.#attempt.value = chosen;
    this.#attempt.dataset['known'] = known;
  }

  /** Reads anew, if something else is wanted than what is read. */
  #begin(): void {
    const { id: taskId } = this.#task ?? {};
    if (taskId === undefined) return;
    const attempt = this.#attempt.value === '' ? undefined : Number(this.#attempt.value);
    const key = `${taskId} ${attempt ?? ''}`;
    if (key === this.#readKey) return;
    this.#readKey = key;
    this.#feed?.dispose();
    this.#lines.clear();
    this.#tell('Nothing was printed yet.');
    this.#feed = new LogFeed({
      read: this.#read,
      taskId,
      attempt,
      last: LAST,
      onLines: async (lines) => {
        await nextSeen(this.#root);
        if (key === this.#readKey) this.#add(lines);
      },
      onPause: (problem) => {
        if (problem !== undefined) this.#tell(errorText(problem));
        else if (this.#lines.isEmpty) this.#tell('Nothing was printed.');
      },
    });
  }

  #add(lines: LogPage): void {
    this.#tell('');
    this.#lines.add(lines);
    this.#drawEnd();
  }

  #tell(text: string): void {
    setText(this.#note, text);
    this.#note.hidden = text === '';
  }

  #drawEnd(): void {
    this.#end.hidden = this.#lines.isFollowing;
  }

  #drawTimes(): void {
    this.#lines.element.classList.toggle('has-times', this.#times.checked);
  }
}

/** Resolves in the next frame in which a person can see the element: what is not looked at reads nothing. */
function nextSeen(element: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(element);
  });
}

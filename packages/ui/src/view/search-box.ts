/** Finds tasks by text, and goes from one to the next. */
import type { TaskView } from '@coppice/client';
import { searchTasks } from '../model/graph-outline.ts';
import type { RunModel } from '../model/run-model.ts';
import { html, setText } from './element.ts';

export interface SearchEvents {
  /** What is found has changed. */
  changed(): void;
  choose(taskId: string): void;
  /** Done with searching. */
  leave(): void;
}

export class SearchBox {
  readonly input = html('input', { type: 'search', placeholder: 'Find a task', 'aria-label': 'Find a task' });
  /** How many were found. */
  readonly count = html('span', { class: 'found', role: 'status' });
  readonly #events: SearchEvents;
  #model: RunModel | undefined;
  #matches: readonly TaskView[] = [];
  #found: ReadonlySet<TaskView> = new Set();

  constructor(events: SearchEvents, signal: AbortSignal) {
    this.#events = events;
    const search = (): void => {
      this.update(this.#model);
      events.changed();
    };
    this.input.addEventListener('input', search, { signal });
    this.input.addEventListener('keydown', ({ key }) => this.#key(key), { signal });
  }

  isFound(task: TaskView): boolean {
    return this.#found.has(task);
  }

  /** Searches again: the tasks or the selection may be others. */
  update(model: RunModel | undefined): void {
    this.#model = model;
    const text = this.input.value;
    this.#matches = model === undefined ? [] : searchTasks(model.shown, text);
    this.#found = new Set(this.#matches);
    const at = this.#position;
    setText(this.count, text.trim() === '' ? '' : `${at < 0 ? '' : `${at + 1} of `}${this.#matches.length} found`);
  }

  get #position(): number {
    return this.#matches.findIndex(({ id }) => id === this.#model?.selectedId);
  }

  #key(key: string): void {
    if (key === 'Escape') this.#events.leave();
    const target = this.#matches[(this.#position + 1) % Math.max(1, this.#matches.length)];
    if (key === 'Enter' && target !== undefined) this.#events.choose(target.id);
  }
}

/** The part of the details that tells how far the tasks below a task are; of a root, how long the run still takes. */
import { leftText, membersText, percentOf } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import { html, setAttributes, setText } from './element.ts';

export class ProgressPart {
  readonly element = html('section', { class: 'progress', 'aria-label': 'Progress' });
  readonly #counts = html('p', { class: 'facts' });
  readonly #bar = html('div', { class: 'progress-bar', 'aria-hidden': 'true' });
  readonly #done = html('div', { class: 'progress-done' });
  readonly #failed = html('div', { class: 'progress-failed' });
  readonly #left = html('p', { class: 'facts' });

  constructor() {
    this.#bar.append(this.#done, this.#failed);
    this.element.append(html('h3', {}, 'Progress'), this.#bar, this.#counts, this.#left);
  }

  draw(task: TaskView, run: RunView, nowMs: number): void {
    const { inside } = task;
    this.element.hidden = inside.total === 0;
    if (inside.total === 0) return;
    setText(this.#counts, countsText(task));
    const failed = (inside.failed / inside.total) * 100;
    this.#done.style.width = `${Math.max(0, (inside.ended / inside.total) * 100 - failed)}%`;
    this.#failed.style.width = `${failed}%`;
    const left = task.parent === undefined ? leftText(run, nowMs) : '';
    setText(this.#left, left);
    this.#left.hidden = left === '';
    setAttributes(this.#bar, { title: `${percentOf(inside)} %` });
  }
}

/** `4/10 (40 %), 1 failed · 2 running · 1 waiting`. */
function countsText(task: TaskView): string {
  const { running, waiting } = task.inside;
  const parts = [membersText(task)];
  if (running > 0) parts.push(`${running} running`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  return parts.join(' · ');
}

/** The part of the details that tells what became of each dependency, and why; of a root, what its run holds at gates. */
import type { TaskView } from '@coppice/client';
import { edgeText, gateText } from '../model/decision-text.ts';
import type { RunModel } from '../model/run-model.ts';
import { oneLine, STATUS_SYMBOLS } from '../model/status-look.ts';
import { html } from './element.ts';
import type { PictureEvents } from './picture.ts';

export class DecisionsPart {
  readonly element = html('div');
  readonly #events: Pick<PictureEvents, 'decide' | 'select'>;
  /** The state that was asked about, and the answer that is shown. */
  #askedKey = '';
  #shown: RunModel['decided'];

  constructor(events: Pick<PictureEvents, 'decide' | 'select'>) {
    this.#events = events;
  }

  draw(task: TaskView, model: RunModel): void {
    this.#ask(task, model);
    const decided = model.decided?.taskId === task.id ? model.decided : undefined;
    if (decided === this.#shown) return;
    this.#shown = decided;
    this.element.replaceChildren(...(decided === undefined ? [] : this.#sections(decided, model)));
  }

  /** Once for each state in which the answer may be another one. */
  #ask(task: TaskView, { shown, cursor }: RunModel): void {
    const sources = task.definition.dependencies.map(({ task: id }) => shown.tasks.get(id)?.status ?? '');
    const isRoot = task.parent === undefined;
    const what = isRoot ? shown.status : sources.join();
    const key = what === '' || shown.status === 'created' ? '' : JSON.stringify([task.id, cursor, what, task.status]);
    if (key === this.#askedKey) return;
    this.#askedKey = key;
    if (key !== '') this.#events.decide(task.id);
  }

  #sections({ edges, gates, taskId }: NonNullable<RunModel['decided']>, { shown }: RunModel): readonly Node[] {
    const rows = edges.map((edge) => {
      const source = shown.tasks.get(edge.source);
      const name = html('button', { type: 'button', class: 'link' }, oneLine(source?.definition.name ?? edge.source));
      name.addEventListener('click', () => this.#events.select(edge.source));
      const symbol = source === undefined ? '' : `${STATUS_SYMBOLS[source.status]} `;
      return html('li', { class: `edge-is-${edge.status}` }, symbol, name, ` ${edgeText(edge)}`);
    });
    const isRoot = shown.root?.id === taskId;
    // A pause is told by its task.
    const limits = gates.filter(({ gate }) => !gate.startsWith('paused:'));
    const held = isRoot ? limits.map((gate) => html('li', {}, gateText(gate))) : [];
    return [...section('Depends on', rows, 'depends-on'), ...section('Limits', held, 'gates')];
  }
}

function section(title: string, items: readonly Node[], className: string): readonly Node[] {
  return items.length === 0 ? [] : [html('h3', {}, title), html('ul', { class: className }, ...items)];
}

/**
 * What a task waits for, and the form that answers it.
 *
 * 1. It is made once for each wait, so that what a person types stays while events come.
 * 2. After an answer it says so and waits for the log: the log alone tells that the wait has ended.
 */
import { readAnswer } from '../model/answer-fields.ts';
import { oneLine } from '../model/status-look.ts';
import type { WaitFacts } from '../model/wait-facts.ts';
import type { AnswerProblem, WaitAnswer } from '../view-channel.ts';
import { html, setText } from './element.ts';
import { labelled, rowNodes, rowOf, showProblem, type Row } from './field-rows.ts';

export class WaitForm {
  readonly element = html('section', { class: 'wait-form', 'aria-label': 'What it waits for' });
  readonly #rows: readonly Row[];
  readonly #comment = html('input', { type: 'text', id: 'answer-comment', maxlength: 10_000, autocomplete: 'off' });
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #said = html('p', { class: 'facts', role: 'status' });
  readonly #alert = html('p', { class: 'problem', role: 'alert' });
  readonly #answer: (answer: WaitAnswer) => void;

  /** `answer`: undefined where nobody can answer. */
  constructor(facts: WaitFacts, answer: ((answer: WaitAnswer) => void) | undefined) {
    this.#answer = answer ?? (() => undefined);
    this.#rows = answer === undefined ? [] : facts.fields.map(rowOf);
    this.#buttons = facts.isApproval
      ? [this.#button('Approve', 'primary', true), this.#button('Reject', 'secondary', false)]
      : [this.#button('Answer', 'primary', undefined)];
    this.element.append(
      html('h3', {}, oneLine(facts.title)),
      ...(facts.text === '' ? [] : [html('p', { class: 'wait-text' }, facts.text)]),
      html('p', { class: 'facts' }, facts.facts),
    );
    this.#alert.hidden = true;
    if (answer === undefined) return;
    const comment = facts.isApproval ? labelled('Comment', '', this.#comment) : [];
    const form = html(
      'form',
      { novalidate: true },
      ...this.#rows.flatMap(rowNodes),
      ...comment,
      this.#alert,
      html('div', { class: 'buttons' }, ...this.#buttons),
      this.#said,
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    this.element.append(form);
  }

  /** The server has answered; undefined: it took the answer. */
  showAnswered(problem: AnswerProblem | undefined): void {
    if (problem === undefined) {
      setText(this.#said, 'The server has taken the answer.');
      return;
    }
    this.#setBusy(false);
    const rest = problem.places.filter(({ path, reason }) => {
      const row = this.#rows.find(
        ({ field }) => path[0] === 'values' && field.name !== undefined && path[1] === field.name,
      );
      if (row !== undefined) showProblem(row, reason);
      return row === undefined;
    });
    const isAllShown = problem.places.length > 0 && rest.length === 0;
    setText(this.#alert, isAllShown ? 'See the marked fields.' : problem.text);
    this.#alert.hidden = false;
    this.#focusProblem();
  }

  #button(name: string, look: string, approved: boolean | undefined): HTMLButtonElement {
    // Not of the type submit: Enter in a field must not approve.
    const button = html('button', { type: 'button', class: look }, name);
    button.addEventListener('click', () => this.#send(approved));
    return button;
  }

  #send(approved: boolean | undefined): void {
    this.#alert.hidden = true;
    for (const row of this.#rows) showProblem(row, '');
    const comment = this.#comment.value.trim();
    const common = { ...(approved === undefined ? {} : { approved }), ...(comment === '' ? {} : { comment }) };
    // Who rejects need not fill the form in.
    if (approved === false) {
      this.#setBusy(true);
      this.#answer(common);
      return;
    }
    const read = readAnswer(
      this.#rows.map(({ field }) => field),
      this.#rows.map(({ control }) => control.value),
    );
    if (read.ok) {
      this.#setBusy(true);
      const isEmpty = read.values === undefined || this.#rows.length === 0;
      this.#answer(isEmpty ? common : { ...common, values: read.values });
      return;
    }
    for (const [index, text] of read.problems) showProblem(this.#rows[index] as Row, text);
    this.#focusProblem();
  }

  #setBusy(isBusy: boolean): void {
    for (const button of this.#buttons) button.disabled = isBusy;
    setText(this.#said, isBusy ? 'Sending the answer …' : '');
  }

  #focusProblem(): void {
    this.#rows.find(({ problem }) => !problem.hidden)?.control.focus();
  }
}

/** The part of the details that tells what the selected task waits for: the form while it waits, afterwards how it was answered. */
import type { TaskView } from '@coppice/client';
import type { RunModel } from '../model/run-model.ts';
import { answeredText, waitFacts } from '../model/wait-facts.ts';
import type { AnswerProblem, WaitAnswer } from '../view-channel.ts';
import { html, setText } from './element.ts';
import type { PictureEvents } from './picture.ts';
import { WaitForm } from './wait-form.ts';

export class WaitPart {
  readonly element = html('div');
  readonly #events: Pick<PictureEvents, 'answer'>;
  /** It takes the focus that the form had. */
  readonly #answered = html('p', { class: 'explained', role: 'status', tabindex: -1 });
  #form: WaitForm | undefined;
  #taskId: string | undefined;
  /** The wait that the form is of. */
  #key = '';

  constructor(events: Pick<PictureEvents, 'answer'>) {
    this.#events = events;
    this.#answered.hidden = true;
    this.element.append(this.#answered);
  }

  clear(): void {
    this.#form?.element.remove();
    this.#form = undefined;
    this.#taskId = undefined;
    this.#key = '';
  }

  draw(task: TaskView, { cursor, actions }: RunModel): void {
    const text = answeredText(task);
    setText(this.#answered, text);
    this.#answered.hidden = text === '';
    const facts = waitFacts(task);
    // Nothing can be answered in the past.
    const canAnswer = cursor === undefined && actions.includes('answer');
    const key = facts === undefined ? '' : JSON.stringify([task.id, task.waiting?.sinceMs, canAnswer]);
    if (key === this.#key) return;
    const hadFocus = this.element.contains(document.activeElement) && this.#taskId === task.id;
    this.clear();
    this.#taskId = task.id;
    this.#key = key;
    if (facts !== undefined) {
      const answer = (given: WaitAnswer): void => this.#events.answer(task.id, given);
      this.#form = new WaitForm(facts, canAnswer ? answer : undefined);
      this.element.append(this.#form.element);
    } else if (hadFocus && text !== '') this.#answered.focus();
  }

  showAnswered(taskId: string, problem: AnswerProblem | undefined): void {
    if (taskId === this.#taskId) this.#form?.showAnswered(problem);
  }
}

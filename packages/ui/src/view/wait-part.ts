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

  draw(task: TaskView, { cursor, actions, explained }: RunModel): void {
    const text = answeredText(task);
    setText(this.#answered, text);
    this.#answered.hidden = text === '';
    const facts = waitFacts(task);
    // Until the server has said who may answer, there is a form: it refuses those who may not.
    const isForOthers = explained?.taskId === task.id && explained.mayAnswer === false;
    // Nothing can be answered in the past.
    const canAnswer = cursor === undefined && actions.includes('answer') && !isForOthers;
    const key = facts === undefined ? '' : JSON.stringify([task.id, task.waiting?.sinceMs, canAnswer, isForOthers]);
    if (key === this.#key) return;
    const hadFocus = this.element.contains(document.activeElement) && this.#taskId === task.id;
    this.clear();
    this.#taskId = task.id;
    this.#key = key;
    if (facts !== undefined) {
      const answer = (given: WaitAnswer): void => this.#events.answer(task.id, given);
      const shown = isForOthers ? { ...facts, facts: facts.factsOfOthers } : facts;
      this.#form = new WaitForm(shown, canAnswer ? answer : undefined);
      this.element.append(this.#form.element);
    } else if (hadFocus && text !== '') this.#answered.focus();
  }

  showAnswered(taskId: string, problem: AnswerProblem | undefined): void {
    if (taskId === this.#taskId) this.#form?.showAnswered(problem);
  }
}

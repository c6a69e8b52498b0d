/** Fields of a form that follows from a JSON Schema, each with what is wrong with it. */
import type { AnswerField } from '../model/answer-fields.ts';
import { oneLine } from '../model/status-look.ts';
import { html, setText } from './element.ts';

export interface Row {
  readonly field: AnswerField;
  readonly control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  readonly problem: HTMLElement;
}

function labelOf({ label, isRequired }: AnswerField): string {
  return isRequired ? `${oneLine(label)} (needed)` : oneLine(label);
}

/** A row as it stands in a form. */
export function rowNodes({ field, control, problem }: Row): readonly Node[] {
  return [...labelled(labelOf(field), field.hint, control), problem];
}

export function labelled(label: string, hint: string, control: HTMLElement): readonly Node[] {
  const name = html('label', { for: control.id }, label);
  return hint === '' ? [name, control] : [name, html('p', { class: 'hint', id: `${control.id}-hint` }, hint), control];
}

export function rowOf(field: AnswerField, index: number): Row {
  const id = `answer-${index}`;
  const described = `${field.hint === '' ? '' : `${id}-hint `}${id}-problem`;
  const control = controlOf(field, { id, 'aria-describedby': described, 'aria-required': String(field.isRequired) });
  control.value = field.initial;
  const problem = html('p', { class: 'field-problem', id: `${id}-problem` });
  problem.hidden = true;
  return { field, control, problem };
}

function controlOf(
  { kind, choices, initial }: AnswerField,
  attributes: Readonly<Record<string, string>>,
): Row['control'] {
  if (kind === 'json') return html('textarea', { ...attributes, rows: 3, spellcheck: 'false' });
  if (kind !== 'choice')
    return html('input', {
      ...attributes,
      type: 'text',
      autocomplete: 'off',
      inputmode: kind === 'number' ? 'decimal' : undefined,
    });
  const options = choices.map((choice) => {
    const value = JSON.stringify(choice);
    return html('option', { value }, typeof choice === 'string' ? oneLine(choice) : value);
  });
  const none = initial === '' ? [html('option', { value: '' }, '—')] : [];
  return html('select', attributes, ...none, ...options);
}

export function showProblem({ control, problem }: Row, text: string): void {
  setText(problem, text);
  problem.hidden = text === '';
  if (text === '') control.removeAttribute('aria-invalid');
  else control.setAttribute('aria-invalid', 'true');
}

/** Asks for inputs that a tree declares and nobody has given: one question for each field of the form that the page shows. */
import { inputsForm } from '@coppice/client';
import type { Json, JsonObject } from '@coppice/protocol';
import { answerFields, inputsToAsk, readAnswer } from '@coppice/ui';
import type { AnswerField, DeclaredValues } from '@coppice/ui';
import * as vscode from 'vscode';
import { inLabel } from '../plain-text.ts';
import { askText, pickOne } from '../questions.ts';

/** All that is given, and what was typed; undefined: a question was closed. */
export async function askInputs(values: DeclaredValues): Promise<JsonObject | undefined> {
  const names = inputsToAsk(values);
  if (names.length === 0) return values.given;
  const fields = answerFields(inputsForm(values.declared, names), vscode.l10n.t('Inputs'));
  const typed: string[] = [];
  for (const field of fields) {
    const text = await (field.kind === 'choice' ? pick(field) : type(field));
    if (text === undefined) return undefined;
    typed.push(text);
  }
  const read = readAnswer(fields, typed);
  return { ...values.given, ...(read.ok ? (read.values as JsonObject) : {}) };
}

const TITLE = (): string => vscode.l10n.t('Inputs of the run');

async function pick({ label, hint, choices, isRequired }: AnswerField): Promise<string | undefined> {
  const items = choices.map((choice) => ({ label: inLabel(shown(choice)), value: JSON.stringify(choice) }));
  const none = isRequired ? [] : [{ label: vscode.l10n.t('No value'), value: '' }];
  const placeHolder = hint === '' ? label : `${label}: ${hint}`;
  const picked = await pickOne([...items, ...none], { title: TITLE(), placeHolder });
  return picked?.value;
}

function type(field: AnswerField): Thenable<string | undefined> {
  const { label, hint, initial, isRequired } = field;
  return askText({
    title: TITLE(),
    prompt: hint === '' ? label : `${label}: ${hint}`,
    value: initial,
    validateInput(text) {
      if (text.trim() === '') return isRequired ? vscode.l10n.t('A value is needed.') : undefined;
      const read = readAnswer([field], [text]);
      return read.ok ? undefined : read.problems.get(0);
    },
  });
}

function shown(choice: Json): string {
  return typeof choice === 'string' ? choice : JSON.stringify(choice);
}

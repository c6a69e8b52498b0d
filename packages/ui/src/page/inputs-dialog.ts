/** A form for the inputs that a tree declares and nobody has given yet. */
import { inputsForm } from '@coppice/client';
import type { JsonObject } from '@coppice/protocol';
import { answerFields, readAnswer } from '../model/answer-fields.ts';
import { inputsToAsk, type DeclaredValues } from '../model/declared-values.ts';
import { html } from '../view/element.ts';
import { rowNodes, rowOf, showProblem } from '../view/field-rows.ts';
import { showDialog } from './dialog.ts';

/** `begin` gets all that is given, and what was typed. */
export function askInputs(
  parent: HTMLElement,
  values: DeclaredValues,
  begin: (inputs: JsonObject) => Promise<void>,
): void {
  const rows = answerFields(inputsForm(values.declared, inputsToAsk(values)), 'Inputs').map(rowOf);
  showDialog(parent, {
    title: 'Inputs of the run',
    body: [
      html('p', {}, 'The tree needs them before it can run.'),
      html('div', { class: 'wait-form' }, ...rows.flatMap(rowNodes)),
    ],
    accept: 'Run',
    act: async () => {
      for (const row of rows) showProblem(row, '');
      const read = readAnswer(
        rows.map(({ field }) => field),
        rows.map(({ control }) => control.value),
      );
      if (!read.ok) {
        for (const [index, row] of rows.entries()) showProblem(row, read.problems.get(index) ?? '');
        throw new Error('See the marked fields.');
      }
      await begin({ ...values.given, ...(read.values as JsonObject) });
    },
  });
}

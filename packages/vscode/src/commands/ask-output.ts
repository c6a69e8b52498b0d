/** Asks for the output that a person completes a task with. */
import type { Json } from '@coppice/protocol';
import * as vscode from 'vscode';
import { askText } from '../questions.ts';

/** The output that a task is completed with by hand; undefined: the question was closed. */
export async function askOutput(): Promise<{ readonly value: Json } | undefined> {
  const text = await askText({
    title: vscode.l10n.t('Complete by hand'),
    prompt: vscode.l10n.t('Its output as JSON. What depends on the task goes on with it.'),
    value: 'null',
    validateInput: (typed) => (parsed(typed) === undefined ? vscode.l10n.t('This is no JSON.') : undefined),
  });
  return text === undefined ? undefined : parsed(text);
}

function parsed(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

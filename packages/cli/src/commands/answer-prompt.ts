/** Asks a person in a terminal for what an answer still lacks: approval, the values of the form, a comment. */
import type { OpenWait } from '@coppice/protocol';
import colors from 'picocolors';
import { oneLine } from '../live/task-text.ts';
import { UsageError } from '../output/report-error.ts';
import { askFields, type Prompt } from './ask-fields.ts';
import type { Answer } from './waits.ts';

export async function askForAnswer(wait: OpenWait, given: Answer, prompt: Prompt): Promise<Answer> {
  prompt.tell(colors.bold(oneLine(wait.title)));
  if (wait.text !== null) prompt.tell(wait.text);
  const approved = wait.kind === 'approval' ? (given.approved ?? (await askYesNo('Approve?', prompt))) : undefined;
  const values =
    approved === false ? given.values : await askFields(wait.form, given.values, { prompt, option: '--set' });
  const comment =
    wait.kind === 'approval' ? (given.comment ?? (await prompt.ask('Comment (may be empty): ')) ?? '') : '';
  return {
    ...(approved === undefined ? {} : { approved }),
    ...(values === undefined ? {} : { values }),
    ...(comment === '' ? {} : { comment }),
  };
}

async function askYesNo(question: string, prompt: Prompt): Promise<boolean> {
  for (;;) {
    const line = await prompt.ask(`${question} (yes/no) `);
    if (line === undefined) throw new UsageError('Nothing is typed any more. Answer with --approve or --reject.');
    const typed = line.trim().toLowerCase();
    if (typed === 'y' || typed === 'yes') return true;
    if (typed === 'n' || typed === 'no') return false;
    prompt.tell('Type yes or no.');
  }
}

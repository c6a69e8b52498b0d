/** Asks for a new tree, as definition files or as JSON, and runs it. */
import { RpcError } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { JsonObject, Params } from '@coppice/protocol';
import { chosenFiles, readerBeside, type ChosenFiles } from '../model/chosen-files.ts';
import { inputsToAsk } from '../model/declared-values.ts';
import { errorText } from '../model/error-text.ts';
import { html } from '../view/element.ts';
import type * as Reader from './definition-reader.ts';
import { showDialog } from './dialog.ts';
import { askInputs } from './inputs-dialog.ts';

type NewTree = Extract<Params<'tasks.execute'>, { readonly tasks: unknown }>;

/** What a person has given, and how the server's violations of it read. */
interface Given {
  readonly tree: Partial<NewTree>;
  readonly explain: (error: unknown) => unknown;
}

const EXAMPLE = `[
  { "id": "greeting" },
  { "id": "wait", "parentId": "greeting", "executor": "delay", "inputs": { "ms": 1000 } },
  { "id": "more", "parentId": "greeting", "executor": "delay", "inputs": { "ms": 500 }, "dependencies": ["wait"] }
]`;

/** Its script stands beside that of the page, which is known only while that runs. */
const READER = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : undefined;

export interface NewTreeOptions {
  readonly client: Client;
  /** Opens a tree. */
  readonly show: (treeId: string) => void;
}

export function showNewTree(parent: HTMLElement, { client, show }: NewTreeOptions): void {
  const json = html('textarea', { rows: 14, spellcheck: 'false', 'aria-label': 'Tasks as JSON' }, EXAMPLE);
  const byJson = html('div', {}, html('p', {}, 'Or the tasks as JSON, as tasks.create takes them:'), json);
  const picked = new FilePicker((hasFiles) => (byJson.hidden = hasFiles));
  showDialog(parent, {
    title: 'New tree',
    body: [picked.element, byJson],
    accept: 'Run',
    act: async () => {
      const { tree, explain } = picked.files === undefined ? parsed(json.value) : await read(picked.files, picked.main);
      const run = async (inputs: JsonObject | undefined = tree.inputs): Promise<void> => {
        const whole = { ...tree, ...(inputs === undefined ? {} : { inputs }), reidentify: true } as NewTree;
        const { treeId } = await client.tasks.execute(whole).catch((error: unknown) => {
          throw explain(error);
        });
        show(treeId);
      };
      const values = { declared: tree.declares?.inputs ?? {}, given: tree.inputs ?? {} };
      if (inputsToAsk(values).length === 0) await run();
      else askInputs(parent, values, run);
    },
  });
}

function parsed(text: string): Given {
  const given = JSON.parse(text) as unknown;
  const tree = Array.isArray(given) ? { tasks: given as unknown[] } : given;
  return { tree: tree as Partial<NewTree>, explain: (error) => error };
}

/** Rejects with all problems of the files, each with its place. */
async function read(files: ChosenFiles, main: string): Promise<Given> {
  const { formatProblem, readDefinition } = await loadReader();
  const text = (await files.get(main)?.text()) ?? '';
  const result = await readDefinition(text, main, { read: readerBeside(files, main) });
  const wordsOf = (problems: readonly Parameters<typeof formatProblem>[0][]): Error =>
    new Error(problems.map(formatProblem).join('\n'));
  if (!result.ok) throw wordsOf(result.problems);
  const { definition } = result;
  return {
    tree: definition.params,
    explain(error) {
      const problems = RpcError.is(error) ? definition.problemsOf(error.errors) : [];
      return problems.length === 0 ? error : wordsOf(problems);
    },
  };
}

async function loadReader(): Promise<typeof Reader> {
  if (READER === undefined) throw new Error('The place of the scripts is not known');
  const reader = new URL('definition.js', READER).href;
  return (await import(reader)) as typeof Reader;
}

/** Two ways to choose files, and which of them is run. */
class FilePicker {
  readonly element: HTMLElement;
  /** Undefined: none are chosen. */
  files: ChosenFiles | undefined;
  readonly #main = html('select', { id: 'main-file' });
  readonly #choice = html('p', {}, html('label', { for: 'main-file' }, 'File to run'), this.#main);
  readonly #problem = html('p', { class: 'problem', role: 'alert' });
  readonly #changed: (hasFiles: boolean) => void;

  constructor(changed: (hasFiles: boolean) => void) {
    this.#changed = changed;
    const files = html('input', { type: 'file', id: 'definition-files', multiple: '', accept: '.yaml,.yml,.json' });
    const folder = html('input', { type: 'file', id: 'definition-folder', webkitdirectory: '' });
    for (const input of [files, folder]) input.addEventListener('change', () => this.#take(input));
    this.#choice.hidden = true;
    this.#problem.hidden = true;
    this.element = html(
      'div',
      {},
      html(
        'p',
        {},
        'A definition file, with the files that it uses, or the folder that they are in. Nothing else of it is sent.',
      ),
      html('p', {}, html('label', { for: 'definition-files' }, 'Definition files'), files),
      html('p', {}, html('label', { for: 'definition-folder' }, 'Or a folder'), folder),
      this.#choice,
      this.#problem,
    );
  }

  get main(): string {
    return this.#main.value;
  }

  /** What was chosen last counts; choosing nothing takes it back. */
  #take(input: HTMLInputElement): void {
    this.files = undefined;
    this.#problem.hidden = true;
    try {
      if ((input.files?.length ?? 0) > 0) this.files = chosenFiles(input.files ?? []);
    } catch (error) {
      this.#problem.textContent = errorText(error);
      this.#problem.hidden = false;
    }
    this.#main.replaceChildren(...[...(this.files?.keys() ?? [])].map((path) => html('option', { value: path }, path)));
    this.#choice.hidden = this.files === undefined || this.files.size < 2;
    this.#changed(this.files !== undefined);
  }
}

/** What a person can do on the page: run, pause, cancel, retry, copy, delete, start a new tree. */
import { isGroup, RpcError } from '@coppice/client';
import type { Client, TaskView } from '@coppice/client';
import { RUN_FILE_SUFFIX } from '@coppice/protocol';
import type { BulkAction, Hold, Json, JsonObject } from '@coppice/protocol';
import type { BulkTarget } from '../model/bulk.ts';
import { discardDraft, draftCopy, draftText, editDraft, runDraft } from '../model/copy-draft.ts';
import type { CopyDraft, DraftTask } from '../model/copy-draft.ts';
import { BUSY_TEXT, errorText, isBusy } from '../model/error-text.ts';
import { releaseParams } from '../model/hold-text.ts';
import { refusedForInputs } from '../model/declared-values.ts';
import { savedRun } from '../model/run-file.ts';
import { oneLine } from '../model/status-look.ts';
import { html } from '../view/element.ts';
import { showBulk } from './bulk-dialog.ts';
import { showDialog } from './dialog.ts';
import { askInputs } from './inputs-dialog.ts';
import { showHold } from './hold-dialog.ts';
import { showLimits } from './limits-dialog.ts';
import { showNewTree } from './new-tree-dialog.ts';

export interface ActionsOptions {
  readonly client: Client;
  /** Opens a tree. */
  readonly show: (treeId: string) => void;
}

const NOTE_MS = 8000;
export class Actions {
  /** Dialogs and messages. */
  readonly element = html('div', { class: 'messages' });
  readonly #message = html('p', { class: 'toast problem', role: 'alert' });
  readonly #options: ActionsOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ActionsOptions) {
    this.#options = options;
    this.#message.hidden = true;
    this.element.append(this.#message);
  }

  /** Shows what went wrong. */
  report(error: unknown): void {
    // What will go through in a moment is no alarm.
    if (isBusy(error)) this.#tell(BUSY_TEXT, true);
    else this.#tell(errorText(error), false);
  }

  /** Shows what an action on many trees would do, and does it when the person agrees. */
  bulk(action: BulkAction, target: BulkTarget): void {
    const { client } = this.#options;
    this.#try(showBulk(this.element, { client, action, target, told: (text) => this.#tell(text, true) }));
  }

  /** Asks what is to be held. */
  hold(): void {
    this.#try(showHold(this.element, this.#options.client));
  }

  limits(isAdmin: boolean): void {
    this.#try(showLimits(this.element, { client: this.#options.client, isAdmin }));
  }

  /** Says something that nobody has asked for. */
  note(text: string): void {
    this.#tell(text, true);
  }

  release(hold: Hold): void {
    this.#try(this.#options.client.holds.release(releaseParams(hold)));
  }

  #tell(text: string, isQuiet: boolean): void {
    this.#message.textContent = text;
    this.#message.className = isQuiet ? 'toast explained' : 'toast problem';
    this.#message.setAttribute('role', isQuiet ? 'status' : 'alert');
    this.#message.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#message.hidden = true), NOTE_MS);
  }

  /** Asks for inputs that the tree requires and does not have. */
  execute(taskId: string): void {
    const { client } = this.#options;
    const run = async (inputs?: JsonObject): Promise<void> => {
      await client.tasks.execute({ taskId, ...(inputs === undefined ? {} : { inputs }) });
    };
    const ask = async (error: unknown): Promise<void> => {
      const values = await refusedForInputs(client, taskId, error);
      if (values === undefined) throw error;
      askInputs(this.element, values, run);
    };
    this.#try(run().catch(ask));
  }

  cancel(taskId: string): void {
    this.#try(this.#options.client.tasks.cancel({ taskId, reason: 'cancelled on the web page' }));
  }

  pause(taskId: string): void {
    this.#try(this.#options.client.tasks.pause({ taskId }));
  }

  resume(taskId: string): void {
    this.#try(this.#options.client.tasks.resume({ taskId }));
  }

  /** Asks for the output, as JSON, and why. */
  complete(task: TaskView): void {
    const output = html('textarea', { rows: 4, spellcheck: 'false', 'aria-label': 'Output as JSON' }, 'null');
    const reason = html('input', { type: 'text', maxlength: 1000, 'aria-label': 'Why' });
    showDialog(this.element, {
      title: `Complete “${oneLine(task.definition.name)}” by hand?`,
      body: [
        html('p', {}, 'What depends on it goes on with this output. An attempt that runs is stopped.'),
        html('label', {}, 'Output as JSON', output),
        html('label', {}, 'Why (optional)', reason),
      ],
      accept: 'Complete',
      act: async () => {
        const value = JSON.parse(output.value) as Json;
        await this.#options.client.tasks.complete({ taskId: task.id, output: value, ...given(reason.value) });
      },
    });
  }

  skip(task: TaskView): void {
    const reason = html('input', { type: 'text', maxlength: 1000, 'aria-label': 'Why' });
    showDialog(this.element, {
      title: `Skip “${oneLine(task.definition.name)}”?`,
      body: [
        html('p', {}, 'What needs its success is skipped too. An attempt that runs is stopped.'),
        html('label', {}, 'Why (optional)', reason),
      ],
      accept: 'Skip',
      act: async () => {
        await this.#options.client.tasks.skip({ taskId: task.id, ...given(reason.value) });
      },
    });
  }

  /** Of a root: what failed, was cancelled or skipped; of another task: itself and what depends on it. */
  retry(task: TaskView): void {
    const mode = task.parent === undefined ? 'failure' : 'task';
    this.#try(this.#options.client.tasks.retry({ taskId: task.id, mode }));
  }

  delete(task: TaskView): void {
    const { client } = this.#options;
    const count = task.inside.total;
    const what = count === 0 ? 'It' : `It and its ${count} ${count === 1 ? 'task' : 'tasks'}`;
    showDialog(this.element, {
      title: `Delete “${oneLine(task.definition.name)}”?`,
      body: [html('p', {}, `${what} will be gone for good, with all results.`)],
      accept: 'Delete',
      isDangerous: true,
      act: async () => {
        await client.tasks.delete({ taskId: task.id });
      },
    });
  }

  startNew(): void {
    showNewTree(this.element, this.#options);
  }

  /** Copies a task with what depends on it; the person sees what will run, edits inputs, and runs the copy or not. */
  copy(taskId: string): void {
    draftCopy(this.#options.client, taskId).then(
      (draft) => this.#askCopy(draft),
      (error: unknown) => this.report(error),
    );
  }

  #askCopy(draft: CopyDraft): void {
    const { client, show } = this.#options;
    const editors = draft.tasks.filter((task) => task.willRun && !isGroup(task)).map(editorOf);
    const reused = draft.tasks.filter((task) => !task.willRun && !isGroup(task));
    showDialog(this.element, {
      title: `Run a copy of “${oneLine(draft.name)}”`,
      body: [
        html('p', {}, `The copy ${draftText(draft)}.`),
        html('h3', {}, 'Runs again'),
        ...editors.map(({ element }) => element),
        ...(reused.length === 0 ? [] : [html('h3', {}, 'Reused'), reusedList(reused)]),
      ],
      accept: 'Run the copy',
      act: async () => {
        for (const { task, read } of editors) {
          const inputs = read();
          if (JSON.stringify(inputs) !== JSON.stringify(task.inputs)) await editDraft(client, task.id, inputs);
        }
        await runDraft(client, draft);
        show(draft.treeId);
      },
      cancelled: () => {
        this.#try(discardDraft(client, draft));
      },
    });
  }

  /** Lets the browser keep the run as a file. */
  save({ id, definition }: TaskView): void {
    const { client } = this.#options;
    const work = savedRun(client, id).then((bytes) => {
      const url = URL.createObjectURL(new Blob([bytes], { type: 'application/gzip' }));
      html('a', { href: url, download: `${oneLine(definition.name)}${RUN_FILE_SUFFIX}` }).click();
      // The browser reads the address after the click.
      setTimeout(() => URL.revokeObjectURL(url), NOTE_MS);
    });
    this.#try(work);
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (RpcError.is(error) && error.code === 'task/not-found') this.report('It is not there any more.');
      else this.report(error);
    });
  }
}

/** A reason, if one was typed. */
function given(reason: string): { readonly reason?: string } {
  return reason.trim() === '' ? {} : { reason: reason.trim() };
}

interface InputsEditor {
  readonly task: DraftTask;
  readonly element: HTMLElement;
  /** Throws when the text is no JSON object. */
  readonly read: () => JsonObject;
}

function editorOf(task: DraftTask): InputsEditor {
  const json = JSON.stringify(task.inputs, null, 2);
  const label = `Inputs of ${oneLine(task.name)}`;
  const text = html('textarea', {
    rows: Math.min(8, json.split('\n').length),
    spellcheck: 'false',
    'aria-label': label,
  });
  text.value = json;
  const element = html('details', {}, html('summary', {}, `${oneLine(task.name)} (${task.executor ?? ''})`), text);
  const read = (): JsonObject => {
    const value = JSON.parse(text.value) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new TypeError(`${label}: not an object`);
    return value as JsonObject;
  };
  return { task, element, read };
}

function reusedList(tasks: readonly DraftTask[]): HTMLElement {
  return html('ul', { class: 'reused' }, ...tasks.map(({ name }) => html('li', {}, oneLine(name))));
}

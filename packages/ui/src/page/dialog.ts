/** Questions to a person: a modal dialog of the browser, closed by Escape like every other. */
import { errorText } from '../model/error-text.ts';
import { html } from '../view/element.ts';

export interface DialogOptions {
  readonly title: string;
  readonly body: readonly (Node | string)[];
  /** What the main button says; undefined: there is nothing to agree to. */
  readonly accept: string | undefined;
  /** What the other button says. Default Cancel. */
  readonly dismiss?: string;
  /** Does what was asked for; a rejection is shown and keeps the dialog open. */
  readonly act: () => Promise<void>;
  /** Called when a person closes the dialog without confirming. */
  readonly cancelled?: () => void;
  readonly isDangerous?: boolean;
}

/** One may be open over another. */
let shown = 0;

/** Shows a dialog inside an element. */
export function showDialog(parent: HTMLElement, options: DialogOptions): void {
  shown += 1;
  const id = `dialog-title-${shown}`;
  const problem = html('p', { class: 'problem', role: 'alert' });
  problem.hidden = true;
  const accept = html(
    'button',
    { type: 'submit', class: options.isDangerous === true ? 'danger' : 'primary' },
    options.accept ?? '',
  );
  accept.hidden = options.accept === undefined;
  const cancel = html('button', { type: 'button', class: 'secondary' }, options.dismiss ?? 'Cancel');
  const form = html(
    'form',
    {},
    html('h2', { id }, options.title),
    ...options.body,
    problem,
    html('div', { class: 'dialog-buttons' }, cancel, accept),
  );
  const dialog = html('dialog', { 'aria-labelledby': id }, form);
  let isDone = false;
  cancel.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    if (!isDone) options.cancelled?.();
    dialog.remove();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    accept.disabled = true;
    problem.hidden = true;
    options.act().then(
      () => {
        isDone = true;
        dialog.close();
      },
      (error: unknown) => {
        accept.disabled = false;
        problem.hidden = false;
        problem.textContent = errorText(error);
      },
    );
  });
  parent.append(dialog);
  dialog.showModal();
}

/** Asks for the token of the server. */
import { html } from '../view/element.ts';

/** Resolves with the token that the person entered; `problem`: why the last one was refused. */
export function askForToken(parent: HTMLElement, problem: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const input = html('input', {
      type: 'password',
      id: 'token',
      name: 'token',
      required: true,
      autocomplete: 'off',
      'aria-describedby': 'token-help',
    });
    const form = html(
      'form',
      { class: 'login' },
      html('h1', {}, 'Coppice'),
      html('label', { for: 'token' }, 'Token of this server'),
      input,
      html(
        'p',
        { id: 'token-help', class: 'hint' },
        'It is in the file “token” in the data directory of the server, for example .coppice/token. It stays in this tab.',
      ),
      ...(problem === undefined ? [] : [html('p', { class: 'problem', role: 'alert' }, problem)]),
      html('button', { type: 'submit', class: 'primary' }, 'Show the trees'),
    );
    const page = html('main', { class: 'login-page' }, form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      page.remove();
      resolve(input.value.trim());
    });
    parent.append(page);
    input.focus();
  });
}

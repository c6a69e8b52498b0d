/** Asks what is to be held, and why. */
import type { Client } from '@coppice/client';
import { html } from '../view/element.ts';
import { showDialog } from './dialog.ts';

/** Rejects when the server does not tell its executors. */
export async function showHold(parent: HTMLElement, client: Client): Promise<void> {
  const { items } = await client.executors.list({});
  const option = (value: string, text: string): HTMLOptionElement => html('option', { value }, text);
  const what = html(
    'select',
    { id: 'hold-what' },
    option('', 'Everything'),
    ...items.map(({ type }) => option(`executor ${type}`, `The executor ${type}`)),
    option('tag', 'A tag'),
  );
  const tag = html('input', { id: 'hold-tag', autocomplete: 'off' });
  const tagField = html('p', {}, html('label', { for: 'hold-tag' }, 'Tag'), tag);
  tagField.hidden = true;
  what.addEventListener('change', () => (tagField.hidden = what.value !== 'tag'));
  const reason = html('input', { id: 'hold-reason', autocomplete: 'off' });
  showDialog(parent, {
    title: 'Hold',
    body: [
      html(
        'p',
        {},
        'Nothing of it starts in any run, until it is released. What runs goes on, and so do all clocks. It outlives a restart of the server.',
      ),
      html('p', {}, html('label', { for: 'hold-what' }, 'What'), what),
      tagField,
      html('p', {}, html('label', { for: 'hold-reason' }, 'Why'), reason),
    ],
    accept: 'Hold',
    act: async () => {
      const why = reason.value.trim() === '' ? {} : { reason: reason.value.trim() };
      if (what.value === 'tag' && tag.value.trim() === '') throw new Error('Name the tag.');
      const executor = what.value.startsWith('executor ') ? what.value.slice('executor '.length) : undefined;
      if (executor !== undefined) await client.holds.set({ executor, ...why });
      else if (what.value === 'tag') await client.holds.set({ tag: tag.value.trim(), ...why });
      else await client.holds.set(why);
    },
  });
}

/** The page of a link as HTML: the form of one wait, or what became of it. It needs no script, and says nothing but what was asked for. */
import type { OpenWait } from '@coppice/engine';
import { fieldsOf, type AnswerField } from './answer-form.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}' +
  'label{display:block;margin:1rem 0}input:not([type=checkbox]),select,textarea{display:block;width:100%;font:inherit;padding:.4rem;box-sizing:border-box}' +
  'button{font:inherit;padding:.4rem 1.2rem;margin-right:.6rem}.text{white-space:pre-wrap}.problem{border-left:4px solid #b42318;padding-left:.8rem}small{display:block}';

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // Without an origin of its own, the form would be refused as one of another site.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
};

export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`);
}

export interface FormPage {
  readonly wait: OpenWait;
  /** What a person sent, when it was not taken. */
  readonly given?: URLSearchParams;
  /** Why it was not taken. */
  readonly problems?: readonly string[];
}

export function formPage({ wait, given, problems = [] }: FormPage): string {
  const shown = problems.map((problem) => `<p class="problem" role="alert">${escaped(problem)}</p>`).join('');
  const text = wait.text === null ? '' : `<p class="text">${escaped(wait.text)}</p>`;
  const fields = fieldsOf(wait)
    .map((field) => control(field, given))
    .join('');
  const comment = `<label>Comment (optional)<textarea name="comment" maxlength="10000" rows="2">${escaped(given?.get('comment') ?? '')}</textarea></label>`;
  const buttons =
    wait.kind === 'approval'
      ? `${comment}<button name="decision" value="approve">Approve</button><button name="decision" value="reject" formnovalidate>Reject</button>`
      : '<button name="decision" value="send">Send</button>';
  return page(wait.title, `${text}${shown}<form method="post">${fields}${buttons}</form>`);
}

function control(field: AnswerField, given: URLSearchParams | undefined): string {
  const { name, kind, label, choices, hint, isRequired } = field;
  const value = given === undefined ? field.value : (given.get(name) ?? '');
  const attributes = `name="${escaped(name)}"${isRequired && kind !== 'checkbox' ? ' required' : ''}`;
  const note = hint === '' ? '' : `<small>${escaped(hint)}</small>`;
  if (kind === 'checkbox') {
    const isOn = given === undefined ? value === 'true' : given.has(name);
    return `<label><input type="checkbox" ${attributes}${isOn ? ' checked' : ''}> ${escaped(label)}${note}</label>`;
  }
  return `<label>${escaped(label)}${note}${input({ kind, value, attributes, choices })}</label>`;
}

function input({
  kind,
  value,
  attributes,
  choices,
}: Pick<AnswerField, 'kind' | 'value' | 'choices'> & { readonly attributes: string }): string {
  if (kind === 'json') return `<textarea ${attributes} rows="3">${escaped(value)}</textarea>`;
  if (kind === 'select') {
    const options = ['', ...choices].map(
      (each) => `<option value="${escaped(each)}"${each === value ? ' selected' : ''}>${escaped(each)}</option>`,
    );
    return `<select ${attributes}>${options.join('')}</select>`;
  }
  const type = kind === 'text' ? 'type="text"' : `type="number" step="${kind === 'integer' ? '1' : 'any'}"`;
  return `<input ${type} ${attributes} value="${escaped(value)}">`;
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(title)}</h1>${body}</main></body></html>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] as string);
}

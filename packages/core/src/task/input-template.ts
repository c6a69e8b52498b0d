/**
 * Turns a resolved input into inputs that resolve to it again. Secrets become expressions that name them. Any other text that looks like an
 * expression is quoted, so that a text from outside, such as an answer with `${{ … }}` in it, stays a text.
 */
import type { Json, JsonObject } from '@coppice/extension';
import { replaceSecrets, secretPlaceholder, type SecretReference } from '../run/secret-reference.ts';
import { setOwn } from './set-own.ts';

export function templateOf(input: JsonObject, secrets: readonly SecretReference[] | undefined): JsonObject {
  const marked: { readonly mark: string; readonly name: string }[] = [];
  const unused = unusedText(input);
  const withMarks = replaceSecrets(input, secrets, ({ name, form }) => {
    // No expression gives a secret in an encoded form, so the placeholder stays.
    if (form !== undefined) return secretPlaceholder(name);
    const mark = `${unused}${marked.length};`;
    marked.push({ mark, name });
    return mark;
  });
  return quote(withMarks, (text) => textTemplate(text, marked)) as JsonObject;
}

/** Returns a text that does not occur in the value. */
function unusedText(value: JsonObject): string {
  const text = JSON.stringify(value);
  let unused = 'secret';
  while (text.includes(unused)) unused += '-';
  return unused;
}

function quote(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => quote(item, change));
  const quoted: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) setOwn(quoted, key, quote(item, change));
  return quoted;
}

/** Returns the text as one expression, so that spaces at its ends are kept. */
function textTemplate(text: string, marked: readonly { readonly mark: string; readonly name: string }[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { mark, name } of marked) {
    const at = text.indexOf(mark, from);
    if (at < 0) continue;
    if (at > from) parts.push(JSON.stringify(text.slice(from, at)));
    parts.push(`secrets[${JSON.stringify(name)}]`);
    from = at + mark.length;
  }
  if (from === 0 && !text.includes('${{')) return text;
  if (from < text.length) parts.push(JSON.stringify(text.slice(from)));
  return `\${{ ${parts.join(' + ')} }}`;
}

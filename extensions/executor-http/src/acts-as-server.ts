/**
 * Whether a request can do what only the server can: send a file of it (a part of a multipart body with a `path`), or reach
 * what is not public from where it stands. By the inputs as they are defined: what an expression or a dependency delivers may be anything.
 */
import type { Json, JsonObject } from '@coppice/extension';

export function actsAsServer({ body, allowPrivateAddresses }: JsonObject, suppliedKeys: readonly string[]): boolean {
  if (suppliedKeys.includes('body') || suppliedKeys.includes('allowPrivateAddresses')) return true;
  return (allowPrivateAddresses ?? false) !== false || maySendFile(body);
}

function maySendFile(body: Json | undefined): boolean {
  if (!isObject(body)) return isExpression(body);
  const { multipart } = body;
  if (!isObject(multipart)) return isExpression(multipart);
  return Object.values(multipart).some((part) => isExpression(part) || (isObject(part) && Object.hasOwn(part, 'path')));
}

/** True for a text that is nothing but one expression: it stands for a value of any kind. Inside text it stays text. */
function isExpression(value: Json | undefined): boolean {
  return typeof value === 'string' && /^\s*\$\{\{[^]*\}\}\s*$/.test(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

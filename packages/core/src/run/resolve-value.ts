/** Replaces the expressions in a value by their results. */
import type { Json, JsonObject } from '@coppice/extension';
import { asText } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';
import { parseTemplate } from '../validate/template.ts';

/** Evaluates the expressions of templates. */
interface Evaluates {
  readonly evaluate: (expression: string) => Json;
}

/**
 * Replaces the expressions in a value. An expression that is the whole string keeps the type of its result; inside a longer text the result
 * becomes text. A value without expressions is returned as it is, not copied.
 */
export function resolveValue(value: Json, expressions: Evaluates): Json {
  if (typeof value === 'string') return value.includes('${{') ? resolveText(value, expressions) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return mapUnlessEqual(value as readonly Json[], expressions);
  let changed = false;
  const resolved: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const before = (value as JsonObject)[key] as Json;
    const after = resolveValue(before, expressions);
    changed ||= after !== before;
    setOwn(resolved, key, after);
  }
  return changed ? resolved : value;
}

function mapUnlessEqual(values: readonly Json[], expressions: Evaluates): Json {
  const resolved = values.map((item) => resolveValue(item, expressions));
  return resolved.every((item, index) => item === values[index]) ? values : resolved;
}

function resolveText(text: string, expressions: Evaluates): Json {
  const { parts } = parseTemplate(text);
  const alone = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = alone;
  if (alone.length === 1 && typeof only === 'object') return expressions.evaluate(only.expression);
  return parts
    .map((part) => (typeof part === 'string' ? part : asText(expressions.evaluate(part.expression))))
    .join('');
}

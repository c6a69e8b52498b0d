/** What an expression reads, for evaluators of tests: names with the properties written after them, outside string literals. */
import type { ScopeRead } from './expressions.ts';

export function readsIn(expression: string): readonly ScopeRead[] {
  const reads: ScopeRead[] = [];
  const token = /"[^"]*"|'[^']*'|(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:"[^"]*"|'[^']*')\])*(?![\w(])/g;
  for (const { 0: text, index } of expression.matchAll(token)) {
    if (/^["']|^(?:true|false|null|in)$/.test(text)) continue;
    const path = [...text.matchAll(/\["([^"]*)"\]|\['([^']*)'\]|\w+/g)].map(([word, a, b]) => a ?? b ?? word);
    reads.push({ path, start: index, end: index + text.length });
  }
  return reads;
}

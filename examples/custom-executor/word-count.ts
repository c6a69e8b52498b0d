/** An executor of one's own: the most frequent words of a text. `coppice.config.json` names this file. */
import { defineExtension } from '@coppice/extension';
import type { Executor } from '@coppice/extension';

const wordCount: Executor = {
  type: 'word-count',
  description: 'Finds the most frequent words of a text.',
  effects: 'pure',
  input: {
    type: 'object',
    properties: { text: { type: 'string' }, top: { type: 'integer', minimum: 1, default: 3 } },
    required: ['text'],
  },
  execute(input) {
    const { text, top = 3 } = input as { text: string; top?: number };
    const counts = new Map<string, number>();
    for (const word of text.toLowerCase().match(/\p{L}{4,}/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, top);
  },
};

export const { manifest, module } = defineExtension({ name: 'word-count', version: '1.0.0', executors: [wordCount] });

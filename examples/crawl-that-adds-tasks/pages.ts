import { outcome } from '@coppice/extension';
import type { Json } from '@coppice/extension';

/** Stands for pages on the web, with the links on each. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  start: ['news', 'about'],
  news: ['today', 'yesterday'],
  about: [],
  today: [],
  yesterday: [],
};

/** Deeper links are not followed, so that a crawl ends. */
const DEPTH_MAX = 3;

export function read({ page, depth }: { readonly page: string; readonly depth: number }): unknown {
  const links = depth < DEPTH_MAX ? (PAGES[page] ?? []) : [];
  if (links.length === 0) return { page };
  // The task is a group of these from now on. Its output is made of theirs, by name.
  const tasks = links.map((link) => ({
    name: link,
    executor: 'function',
    inputs: { module: './pages.ts', export: 'read', args: { page: link, depth: depth + 1 } },
  }));
  return outcome({ output: null, tasks });
}

/** The pages that were found, in the order of the links. */
export function list({ found }: { readonly found: Json }): readonly string[] {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
  return Object.entries(found).flatMap(([name, below]) => (name === 'page' ? [] : [name, ...list({ found: below })]));
}

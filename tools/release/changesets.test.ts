/** A release reads the changesets: each must name packages that there are. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

function read(pattern: string): readonly (readonly [path: string, text: string])[] {
  return globSync(pattern, { cwd: root }).map((path) => [path, readFileSync(resolve(root, path), 'utf8')] as const);
}

it('changesets name packages of this repository only', () => {
  const packages = new Set(
    read('{packages,extensions}/*/package.json').map(
      ([, text]) => (JSON.parse(text) as { readonly name: string }).name,
    ),
  );
  const unknown = read('.changeset/*.md').flatMap(([path, text]) => {
    const head = text.split('---')[1] ?? '';
    const names = [...head.matchAll(/^'?([^':\n]+)'?: (?:major|minor|patch)$/gm)].map(([, name = '']) => name);
    expect(names, `${path} names no package`).not.toEqual([]);
    return names.filter((name) => !packages.has(name)).map((name) => `${path}: ${name}`);
  });
  expect(unknown).toEqual([]);
});

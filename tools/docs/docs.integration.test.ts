import { spawnSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDocProblems } from './find-doc-problems.ts';
import { findNameProblems } from './find-name-problems.ts';
import { readKnownNames } from './known-names.ts';

const root = path.resolve(import.meta.dirname, '../..');

function read(file: string): string | undefined {
  const stats = statSync(path.join(root, file), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isFile() ? readFileSync(path.join(root, file), 'utf8') : '';
}

const known = readKnownNames(root);
const pages = [
  ...globSync(['{,bench/,packages/*/,extensions/*/}README.md', 'CONTRIBUTING.md'], { cwd: root }).map((file) =>
    file.split(path.sep).join('/'),
  ),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.split(path.sep).join('/')}`)
    // The reference is generated, its examples come from the tested schemas.
    .filter((file) => file.endsWith('.md') && !file.startsWith('docs/reference/')),
];

describe('the docs', () => {
  it.each(pages)('%s has links that lead somewhere and snippets that run', (page) => {
    expect(findDocProblems({ path: page, text: read(page) ?? '' }, read)).toEqual([]);
  });

  // Decisions are of their time: what they name may have another name by now.
  it.each(pages.filter((page) => !page.startsWith('docs/decisions/')))('%s names what there is', (page) => {
    expect(findNameProblems({ path: page, text: read(page) ?? '' }, known)).toEqual([]);
  });
});

it('the task of the page about `http` is valid', () => {
  const cwd = path.join(root, 'extensions/executor-http/readme');
  const cli = path.join(root, 'packages/cli/src/main.ts');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=coppice-source', cli, 'validate', 'create-item.coppice.yaml'],
    { cwd, env: { ...process.env, NO_COLOR: '1', API_TOKEN: 'a token of nobody' }, encoding: 'utf8' },
  );
  expect({ stdout, stderr }).toEqual({ stdout: '✓ create-item.coppice.yaml is valid: 1 task.\n', stderr: '' });
});

describe('findDocProblems', () => {
  const files: Readonly<Record<string, string>> = {
    'examples/a.yaml': 'version: 1\n\ntasks:\n  one:\n    executor: delay\n',
    'docs/guide': '',
    'docs/guide/other.md': '',
  };
  const problemsOf = (text: string): readonly string[] =>
    findDocProblems({ path: 'docs/guide/page.md', text }, (file) => files[file]);

  it('accepts a part of a file, whatever its indentation, and what is no code', () => {
    const snippet = '<!-- file: examples/a.yaml -->\n\n```yaml\none:\n  executor: delay\n```\n';
    expect(
      problemsOf(`${snippet}\n\`\`\`sh\nls\n\`\`\`\n\n[x](other.md#y) [z](../guide/) [w](https://e.org) \`[c](d)\``),
    ).toEqual([]);
  });

  it.each([
    ['```yaml\na: 1\n```', 'the yaml snippet "a: 1" names no file; put <!-- file: path --> above it'],
    ['<!-- file: gone.yaml -->\n\n```yaml\na: 1\n```', 'a snippet names gone.yaml, which is not there'],
    [
      '<!-- file: examples/a.yaml -->\n\n```yaml\nexecutor: dela\n```',
      'the snippet "executor: dela" is no part of examples/a.yaml; copy it from there',
    ],
    ['[x](gone.md)', 'the link gone.md leads to docs/guide/gone.md, which is not there'],
    ['![x](../images/a.svg)', 'the link ../images/a.svg leads to docs/images/a.svg, which is not there'],
  ])('refuses %j', (text, problem) => {
    expect(problemsOf(`${text}\n`)).toEqual([`docs/guide/page.md: ${problem}`]);
  });
});

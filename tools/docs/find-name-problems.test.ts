import { describe, expect, it } from 'vitest';
import { findNameProblems } from './find-name-problems.ts';
import type { KnownNames } from './find-name-problems.ts';

const known: KnownNames = {
  scripts: new Map([
    ['.', new Set(['demo', 'coppice'])],
    ['packages/a', new Set(['package'])],
  ]),
  methods: new Set(['tasks.get']),
  settings: {
    properties: { engine: { properties: { limits: { additionalProperties: { properties: { most: {} } } } } }, env: {} },
  },
  policies: new Set(['retry']),
  words: new Set(['command/exit', 'COPPICE_TOKEN']),
  files: ['packages/a/src/run/edges.ts'],
};
const problemsOf = (text: string): readonly string[] => findNameProblems({ path: 'page.md', text }, known);

describe('findNameProblems', () => {
  it.each([
    'npm run demo',
    'npm run package -w packages/a',
    'tasks.get',
    'engine.limits.http.most',
    'env.NAME',
    'output.n',
    'policies.retry',
    'command/exit',
    'run/edges.ts',
    'src/run',
    'COPPICE_TOKEN',
    '.coppice/server.json',
  ])('accepts %s', (text) => {
    expect(problemsOf(`See \`${text}\`.\n\n\`\`\`sh\n${text}   # as it is\n\`\`\`\n`)).toEqual([]);
  });

  it.each([
    ['npm run demmo', 'there is no script "demmo" in ./package.json'],
    ['npm run demo -w packages/a', 'there is no script "demo" in packages/a/package.json'],
  ])('refuses %s, in a sentence and in a block', (text, problem) => {
    expect(problemsOf(`See \`${text}\`.\n`)).toEqual([`page.md: ${problem}`]);
    expect(problemsOf(`\`\`\`sh\n${text}   # not so\n\`\`\`\n`)).toEqual([`page.md: ${problem}`]);
  });

  it.each([
    ['tasks.got', 'there is no method tasks.got'],
    ['engine.limit', 'there is no setting or method engine.limit'],
    ['engine.limits.http.least', 'there is no setting or method engine.limits.http.least'],
    ['policies.retries', 'there is no policy retries'],
    ['command/exitt', 'there is no error code or folder command/exitt'],
    ['COPPICE_TOKENS', 'nothing reads or sets COPPICE_TOKENS'],
    ['run/edge.ts', 'there is no file run/edge.ts'],
  ])('refuses %s', (text, problem) => {
    expect(problemsOf(`See \`${text}\`.\n`)).toEqual([`page.md: ${problem}`]);
  });
});

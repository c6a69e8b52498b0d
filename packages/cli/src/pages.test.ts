import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { announceCompletion } from './completion.ts';
import { createProgram } from './program.ts';
import { lineProblems, pageProblems } from './typed-commands.fixture.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const program = createProgram();
announceCompletion(program);

const pages = globSync(['{,packages/*/,extensions/*/}README.md', 'CONTRIBUTING.md', 'docs/*.md', 'docs/guide/*.md'], {
  cwd: root,
});

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap((inner) => allCommands(inner))];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe('every command that a text for people names can be typed', () => {
  it.each(pages)('%s', (page) => {
    expect(pageProblems(program, readFileSync(path.join(root, page), 'utf8'))).toEqual([]);
  });

  it.each(allCommands(program).map((command) => [command.name(), command] as const))('the help of %s', (_, command) => {
    const examples = [...helpOf(command).matchAll(/^ +\$ (.+)$/gm)].map(([, example = '']) => example);
    expect(examples.flatMap((example) => lineProblems(program, example))).toEqual([]);
  });

  it.each([
    'coppice run FILE',
    'npx coppice run a.yaml -c 4 --json',
    'coppice --json tasks cancel a b c   # all of them',
    'coppice COMMAND --help',
    'coppice run - --json < tree.json',
    'source <(coppice completion bash)',
  ])('accepts %s', (text) => {
    expect(pageProblems(program, `See \`${text}\`.\n\n\`\`\`sh\n${text}\n\`\`\`\n`)).toEqual([]);
  });

  it.each([
    ['coppice rum FILE', 'coppice has no command rum'],
    ['cd x && npx coppice rum FILE', 'coppice has no command rum'],
    ['npm run coppice -- rum FILE', 'coppice has no command rum'],
    ['coppice tasks got ID', 'tasks has no command got'],
    ['coppice run FILE --concurency 4', 'run has no option --concurency'],
    ['coppice validate FILE test', 'validate takes no 2 arguments'],
  ])('refuses %s', (text, problem) => {
    const problems = [expect.stringContaining(problem)];
    expect(pageProblems(program, `See \`${text}\`.\n`)).toEqual(problems);
    expect(pageProblems(program, `\`\`\`sh\n${text}\n\`\`\`\n`)).toEqual(problems);
  });
});
